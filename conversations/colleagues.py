"""What colleagues do at the same conversation, in words."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations.queries.viewers import Viewers
from tenancy.attending import CROWD
from tenancy.models import Member

NAMED = 2  # people, before the others are counted


def names(people: Sequence[Member]) -> str:
    """Names as a list: "Ana", "Ana and Ben", "Ana, Ben and 3 others"."""
    some, rest = ", ".join(person.name for person in people[:NAMED]), len(people) - NAMED
    if rest > 0:
        others = ngettext("%(n)d other", "%(n)d others", rest) % {"n": rest}
        return _("%(some)s and %(last)s") % {"some": some, "last": others}
    if len(people) == NAMED:
        return _("%(some)s and %(last)s") % {"some": people[0].name, "last": people[1].name}
    return some


def replying(people: Sequence[Member]) -> str:
    """That they write an answer."""
    words = ngettext("%(names)s is writing a reply…", "%(names)s are writing a reply…", len(people))
    return words % {"names": names(people)}


def noting(people: Sequence[Member]) -> str:
    """That they write a note."""
    words = ngettext("%(names)s is writing a note…", "%(names)s are writing a note…", len(people))
    return words % {"names": names(people)}


def looking(viewers: Viewers) -> str:
    """That they have it on screen; empty for nobody."""
    if viewers.is_crowd:
        return _("More than %(n)d are viewing") % {"n": CROWD}
    if not viewers.looking:
        return ""
    words = ngettext("%(names)s is also viewing", "%(names)s are also viewing", len(viewers.looking))
    return words % {"names": names(viewers.looking)}


def on_this(people: Sequence[Member]) -> str:
    """That it is their work."""
    words = ngettext("%(names)s is on this. Take over?", "%(names)s are on this. Take over?", len(people))
    return words % {"names": names(people)}


FILTERS = (names, replying, noting, looking, on_this)
