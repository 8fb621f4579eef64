"""Finding by what no index knows: a walk from the newest conversation back, of which one request goes a part.

The base of a filter is the condition of an index that holds conversations newest first. A request looks at a
window of them, keeps what fits, and says where the next one goes on: it costs no more, whatever is asked.
"""

from conversations.queries.compiled import Compiled
from conversations.queries.sorts import NEWEST, Place

WINDOW = 2_000  # conversations that one page looks at
WINDOWS = 5  # of them at once, where more rows than a page's are asked for
COUNTED = 1_000  # and that one count does
MOST = 99  # what is counted exactly

FROM_NEWEST = """
    SELECT last_at AS listed_at, id AS listed_id, * FROM conversations_conversation
    WHERE workspace_id = %(workspace)s"""


def looked_at(size: int, page: int) -> int:
    """How many conversations are looked at for so many rows: a window for each page of them."""
    return WINDOW * min(-(-size // page), WINDOWS)


def window(filter: Compiled, before: Place | None, listed: str = FROM_NEWEST) -> str:
    """The conversations that one page looks at, as SQL that asks for `window` and the place's facts."""
    return NEWEST.page(f"{listed} AND {filter.base}", before).replace("%(rows)s", "%(window)s")


def matching(window: str, filter: Compiled) -> str:
    """Those of a window that the filter finds; the walk ends with the last that is asked for as `rows`."""
    return f"SELECT * FROM ({window}) c WHERE {filter.test} ORDER BY {NEWEST.order} LIMIT %(rows)s"


def edge(window: str) -> str:
    """The last of a window that is full: there may be more behind it."""
    return f"SELECT listed_at, listed_id FROM ({window}) c OFFSET %(window)s::bigint - 1 LIMIT 1"


def count(filter: Compiled) -> str:
    """How many a filter finds among the newest, and whether there are more conversations than were looked at; as
    SQL that asks for `counted` and `most`."""
    looked_at = window(filter, None).replace("%(window)s", "%(counted)s")
    found = f"SELECT FROM ({looked_at}) c WHERE {filter.test} LIMIT %(most)s::bigint + 1"
    further = f"SELECT FROM ({looked_at}) c OFFSET %(counted)s::bigint - 1 LIMIT 1"
    return f"SELECT (SELECT count(*) FROM ({found}) found) AS found, EXISTS ({further}) AS goes_on"
