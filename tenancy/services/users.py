"""People who sign in, whatever the workspace."""

from allauth.account.models import EmailAddress

from tenancy.models import User


def create_user(
    *,
    email: str,
    password: str | None,
    name: str = "",
    time_zone: str = "UTC",
    is_demo: bool = False,
) -> User:
    """Make a user whose e-mail address is known to be theirs; without a password they have to set one by mail.

    Raises IntegrityError when the address is taken.
    """
    user = User.objects.create_user(email, password, name=name, time_zone=time_zone, is_demo=is_demo)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def find_user(email: str) -> User | None:
    """The user of an e-mail address, compared without case."""
    return User.objects.filter(email=email.strip().lower()).first()


def set_locale(*, user: User, time_zone: str, language: str) -> None:
    """Show the user all times in a zone, named as IANA does, and all words in a language of settings.LANGUAGES;
    empty leaves it to their browser."""
    user.time_zone, user.language = time_zone, language
    user.save(update_fields=["time_zone", "language"])
