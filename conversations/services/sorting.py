"""How members read their lists."""

from django.db.models import F, Func, JSONField, Value

from tenancy.models import Member

MOST = 100  # views whose order is remembered; then it is learnt anew


def remember(*, member: Member, view: str, sort: str) -> None:
    """Remember in which order a member reads a view; what another page of theirs says at the same time stays."""
    if member.sorts.get(view) == sort:
        return
    said = Value({view: sort}, JSONField())
    both = Func(F("sorts"), said, template="%(expressions)s", arg_joiner=" || ", output_field=JSONField())
    Member.objects.filter(pk=member.pk).update(sorts=both if len(member.sorts) < MOST else said)
    member.sorts = {**member.sorts, view: sort}
