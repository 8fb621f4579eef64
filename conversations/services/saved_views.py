"""Making views, sharing them, and putting them in order: one's own for oneself, shared ones by managers."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations.models import SavedView
from conversations.queries.filters import Filter
from tenancy.live import push
from tenancy.models import Member, Role
from tenancy.scope import current_workspace_id

MOST = 50  # of one member, and of those that are shared


def check_may_change(view: SavedView, member: Member, *, is_shared: bool | None = None) -> None:
    """Raise PermissionDenied unless a member may change a view, or make it shared: managers may share, and change
    what is shared; everybody may change what is theirs alone."""
    shares = view.is_shared or bool(is_shared)
    if shares and not member.may(Role.MANAGER):
        raise PermissionDenied
    if not view.is_shared and view.member_id != member.pk:
        raise PermissionDenied


@transaction.atomic
def make(*, name: str, filter: Filter, member: Member, is_shared: bool = False) -> SavedView:
    """Save a view, the last of its like; `filter` is one that has been checked.

    Raises PermissionDenied, and ValidationError where there are too many.
    """
    view = SavedView(name=_named(name), member=member, is_shared=is_shared, filter=filter.as_json())
    check_may_change(view, member, is_shared=is_shared)
    view.position = _last(view)
    view.save()
    _tell(view)
    return view


@transaction.atomic
def change(
    *,
    view: SavedView,
    member: Member,
    name: str | None = None,
    filter: Filter | None = None,
    is_shared: bool | None = None,
) -> SavedView:
    """Change a view; one that is no longer shared is theirs who said so. Raises as `make` does."""
    check_may_change(view, member, is_shared=is_shared)
    was_shared = view.is_shared
    view.name = view.name if name is None else _named(name)
    view.filter = view.filter if filter is None else filter.as_json()
    view.is_shared = was_shared if is_shared is None else is_shared
    if view.is_shared != was_shared:
        if was_shared:
            view.member = member
        view.position = _last(view)
    view.save(update_fields=["name", "filter", "is_shared", "member", "position"])
    _tell(view, was_shared=was_shared)
    return view


def duplicate(*, view: SavedView, member: Member) -> SavedView:
    """Make a view of one's own like one that one sees. Raises ValidationError where there are too many."""
    name = _("%(name)s, copy") % {"name": view.name}
    return make(name=name[:80], filter=Filter.of(view.filter), member=member)


def remove(*, view: SavedView, member: Member) -> None:
    """Take a view away; `bring_back` undoes it. Raises PermissionDenied."""
    check_may_change(view, member)
    view.archived_at = timezone.now()
    view.save(update_fields=["archived_at"])
    _tell(view)


def bring_back(*, view: SavedView, member: Member) -> SavedView:
    """Have a view again that was taken away. Raises as `make` does."""
    check_may_change(view, member)
    _last(view)
    view.archived_at = None
    view.save(update_fields=["archived_at"])
    _tell(view)
    return view


@transaction.atomic
def place(*, view: SavedView, member: Member, position: int) -> None:
    """Put a view where `position` says among its like, from 0. Raises PermissionDenied."""
    check_may_change(view, member)
    rows = list(_like(view).order_by("position", "pk").select_for_update())
    if view not in rows:
        return
    rows.remove(view)
    rows.insert(max(0, position), view)
    for number, row in enumerate(rows):
        row.position = number
    SavedView.objects.bulk_update(rows, ["position"])
    _tell(view)


def shift(*, view: SavedView, member: Member, places: int) -> None:
    """Move a view up (negative) or down among its like. Raises PermissionDenied."""
    keys = list(_like(view).order_by("position", "pk").values_list("pk", flat=True))
    if view.pk in keys:
        place(view=view, member=member, position=max(0, keys.index(view.pk) + places))


def _like(view: SavedView) -> QuerySet[SavedView]:
    """The views that stand with it: shared ones, or its member's own."""
    rows = SavedView.objects.filter(is_shared=view.is_shared, archived_at=None)
    return rows if view.is_shared else rows.filter(member=view.member_id)


def _last(view: SavedView) -> int:
    """The place behind all of its like. Raises ValidationError where there are too many of them."""
    positions = list(_like(view).exclude(pk=view.pk).values_list("position", flat=True))
    if len(positions) >= MOST:
        raise ValidationError(_("%(most)s views are the most that there can be.") % {"most": MOST})
    return max(positions, default=-1) + 1


def _named(name: str) -> str:
    named = " ".join(name.split())
    if not named or len(named) > 80:
        raise ValidationError({"name": _("Give a name of at most 80 characters.")})
    return named


def _tell(view: SavedView, *, was_shared: bool = False) -> None:
    """Have the sidebars that show it, or showed it, be read again."""
    topic = "counts" if view.is_shared or was_shared else f"member:{view.member_id}"
    push(current_workspace_id(), topic)
