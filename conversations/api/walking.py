"""Pages of what a view holds: found by a walk of which one request goes a part."""

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from conversations.queries import lists, saved
from conversations.queries.lists import UnknownView
from conversations.queries.sorts import NEWEST
from conversations.queries.sorts import Place as Below
from tenancy.api.paging import NOT_OURS, CursorPage, Place, link_to, size_asked
from tenancy.keyset import Cursor


class WalkPage(CursorPage):
    """As other pages, but with `view` what that view holds. Such a page may have few rows, or none, and still a
    `next`: only so many conversations are looked at for one page. It has no `previous`."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        number, text = request.query_params.get("view", ""), request.query_params.get("cursor", "")
        if not number:
            return super().paginate_queryset(queryset, request, view)
        place = Place.parse(text) if text else None
        if place and place.upwards:
            raise ValidationError({"cursor": [NOT_OURS]})
        try:
            found = saved.find_view(f"{saved.PREFIX}{number}", view.member)
        except UnknownView as error:
            raise ValidationError({"view": ["There is no such view."]}) from error
        before = Below(NEWEST, (place.cursor.at,), place.cursor.id) if place else None
        size = size_asked(request.query_params.get("page_size", ""))
        page = lists.page(found, view.member, before=before, size=size).read()
        below = Place(Cursor(page.older.values[0], page.older.id)) if page.older else None
        self.next, self.previous = link_to(request, below), None
        rows = queryset.in_bulk([row.id for row in page.rows])
        return [rows[row.id] for row in page.rows if row.id in rows]
