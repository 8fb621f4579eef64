"""Finding entries by their words."""

import re
from functools import reduce
from operator import and_, or_

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Concat, Left, Lower

from conversations.models import Entry, EntryBody

# Words are looked for without an index: this bounds how many texts are read, newest first, how far each is
# read, and how many finds are enough.
TEXTS = 20_000
LENGTH = 100_000  # characters; far below the 1 MB of words at which PostgreSQL refuses a text
FINDS = 500


def with_words(rows: QuerySet[Entry], words: str) -> QuerySet[Entry]:
    """Those of the entries whose subject or text, as it reads now, has all of the words.

    `words` may hold "a phrase", or, and -without, as PostgreSQL's websearch_to_tsquery reads them. Words are
    compared without case and as they are, in no language.
    """
    subject, text = KeyTextTransform("subject", "entry__data"), Left("text", LENGTH)
    oldest = EntryBody.objects.order_by("-pk").values("pk")[TEXTS : TEXTS + 1]
    replaced = EntryBody.objects.filter(entry=OuterRef("entry"), version__gt=OuterRef("version"))
    found = (
        EntryBody.objects.filter(pk__gt=Coalesce(Subquery(oldest), 0))
        .annotate(plain=Lower(Concat(subject, Value(" "), text, output_field=TextField())))
        .filter(_could_have(words))
        .annotate(said=SearchVector(subject, text, config="simple"))
        .filter(~Exists(replaced), said=SearchQuery(words, search_type="websearch", config="simple"))
        .order_by("-pk")
    )
    return rows.filter(pk__in=found.values("entry")[:FINDS])


def _could_have(words: str) -> Q:
    """What a text with these words has in any case, and is found out a hundred times faster: their letters."""
    said = words.lower().split()
    wanted = [
        run for word in said if word != "or" and not word.startswith("-") for run in re.findall(r"\w+", word)
    ]
    each = [Q(plain__contains=Lower(Value(run))) for run in dict.fromkeys(wanted)]
    return reduce(or_ if "or" in said else and_, each, Q())
