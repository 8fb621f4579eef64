"""Finding entries by their words."""

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Left

from conversations.models import Entry, EntryBody

# Words are looked for without an index: this bounds how many texts are read, newest first, and how far each.
TEXTS = 20_000
LENGTH = 100_000  # characters; far below the 1 MB of words at which PostgreSQL refuses a text


def with_words(rows: QuerySet[Entry], words: str) -> QuerySet[Entry]:
    """Those of the entries whose subject or text, as it reads now, has all of the words.

    `words` may hold "a phrase", or, and -without, as PostgreSQL's websearch_to_tsquery reads them. Words are
    compared without case and as they are, in no language.
    """
    newest = EntryBody.objects.order_by("-id").values("pk")[:TEXTS]
    replaced = EntryBody.objects.filter(entry=OuterRef("entry"), version__gt=OuterRef("version"))
    said = SearchVector(KeyTextTransform("subject", "entry__data"), Left("text", LENGTH), config="simple")
    query = SearchQuery(words, search_type="websearch", config="simple")
    found = EntryBody.objects.annotate(said=said).filter(~Exists(replaced), pk__in=newest, said=query)
    return rows.filter(pk__in=found.values("entry"))
