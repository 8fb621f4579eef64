"""The few hits of each kind that the palette offers while somebody types."""

from conversations.queries.search.found import Page, Search, kept
from conversations.queries.search.shown import Hit, shown
from tenancy import search
from tenancy.asked import Asked
from tenancy.models import Member
from tenancy.search import Kind

OF_EACH = {Kind.CONVERSATION: 4, Kind.CONTACT: 3, Kind.ACCOUNT: 3}
SPARE = 4  # more than are shown, as some may be spam


def offered(question: Asked, member: Member) -> list[Hit]:
    """Conversations, contacts and accounts that a question finds, the newest of each."""
    wanted = Search.of(question, member)
    if wanted.is_empty:
        return []
    asks = [ask for ask in wanted.asks if ask.kind in OF_EACH]
    candidates = search.find(asks, within=wanted.within(None), most=max(OF_EACH.values()) + SPARE)
    good = kept(candidates, wanted.narrowed)
    few = [
        one for kind, most in OF_EACH.items() for one in [each for each in good if each.kind is kind][:most]
    ]
    lines = shown(wanted, Page(few, None))
    return sorted(lines, key=lambda hit: list(OF_EACH).index(hit.found.kind))
