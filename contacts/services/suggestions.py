"""Suggestions that two contacts are one person; only people decide."""

from contacts.models import Contact, Suggestion
from tenancy.models import Member


def suggest(*, contact: Contact, other: Contact, score: int, evidence: list[str]) -> Suggestion:
    """Keep that two contacts may be one person (score 0 to 100); a pair is suggested once, also when dismissed."""
    newer, older = sorted((contact, other), key=lambda person: -person.pk)
    suggestion, _ = Suggestion.objects.get_or_create(
        contact=newer, other=older, defaults={"score": min(score, 100), "evidence": evidence}
    )
    return suggestion


def dismiss(*, suggestion: Suggestion, member: Member) -> None:
    """Say that the two are not the same; the pair is not suggested again."""
    suggestion.status = Suggestion.Status.DISMISSED
    suggestion.decided_by = member
    suggestion.save(update_fields=["status", "decided_by"])
