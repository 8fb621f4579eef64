"""`from:me` and `to:me`: whoever asks, in place of the word."""

from dataclasses import replace

from tenancy.asked import Asked, Term
from tenancy.models import Member
from tenancy.search import Field

ME = {"me", "@me"}


def as_member(asked: Asked, member: Member) -> Asked:
    """The question with the asking member wherever it names a person `me`."""
    return replace(asked, terms=[[_named(term, member) for term in group] for group in asked.terms])


def _named(term: Term, member: Member) -> Term:
    """A member writes under their id, and is written to at their address."""
    if term.is_phrase or term.text.lower() not in ME:
        return term
    if term.field is Field.FROM:
        return replace(term, text="", fact=f"m{member.pk}")
    if term.field is Field.TO and member.user:
        return replace(term, text=member.user.email)
    return term
