"""The least that could do: bare psycopg writes rows that are known already, in the same transactions.

The rows are those that the application has just written, copied under another workspace's id: the same tables,
indexes, keys, policies and commits. What is left out is finding out which rows to write.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from bench.harness import seconds

PLACE = ("tenancy_brand", "conversations_channel")
STORED = ("channels_ingest_inboundevent", "channels_ingest_seenkey", "channels_ingest_rawbody")
# In the order in which they refer to each other.
BECAME = (
    "contacts_contact",
    "contacts_identity",
    "contacts_affiliation",
    "conversations_conversation",
    "conversations_entry",
    "conversations_entrybody",
    "conversations_timelineref",
    "conversations_participant",
    "conversations_threadkey",
    "conversations_countdelta",
    "conversations_reaction",
    "channels_ingest_inbounditem",
)
# A row changed in place costs a new version of it, whatever is changed.
_DONE = """
UPDATE channels_ingest_inboundevent SET state = 'done', attempts = 1
WHERE workspace_id = %s AND id = ANY(%s::bigint[])
"""
_WENT_ON = """
UPDATE conversations_conversation SET last_at = last_at WHERE workspace_id = %s AND id = ANY(%s::bigint[])
"""

Row = tuple[str | None, ...]
Rows = Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table, its columns but the workspace, and the types that their texts are cast back to."""

    name: str
    columns: Sequence[str]
    types: Sequence[str]

    def select(self) -> sql.Composed:
        """Rows of a workspace above an id, as texts."""
        texts = [sql.SQL("{}::text").format(sql.Identifier(column)) for column in self.columns]
        query = "SELECT {} FROM {} AS t WHERE t.workspace_id = %s AND t.id > %s ORDER BY t.id"
        return sql.SQL(query).format(sql.SQL(", ").join(texts), sql.Identifier(self.name))

    def insert(self) -> sql.Composed:
        """One row, given its workspace and its texts."""
        return sql.SQL("INSERT INTO {} (workspace_id, {}) VALUES (%s, {})").format(
            sql.Identifier(self.name),
            sql.SQL(", ").join(map(sql.Identifier, self.columns)),
            sql.SQL(", ").join(sql.SQL("%s::{}").format(sql.SQL(kind)) for kind in self.types),
        )


class Floor:
    """A bare connection that copies what is new in one workspace into another, and says how long it took."""

    def __init__(self, *, source: int, target: int) -> None:
        self.source, self.target = source, target
        self._connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        self._tables = {name: self._table(name) for name in (*PLACE, *STORED, *BECAME)}
        self._copied = dict.fromkeys(self._tables, 0)
        self._time(self._fresh(PLACE))

    def store(self) -> float:
        """Seconds for the calls that were accepted meanwhile: a commit each, as each is acknowledged alone."""
        fresh = self._fresh(STORED)
        calls = zip(*fresh.values(), strict=True)
        return sum(
            self._time({name: [row] for name, row in zip(STORED, rows, strict=True)}) for rows in calls
        )

    def become(self) -> float:
        """Seconds for what a batch of calls became: one commit, as for the batch."""
        return self._time(self._fresh(BECAME))

    def _time(self, rows: Rows) -> float:
        events = self._refer(rows, "channels_ingest_inbounditem", "event_id")
        joined = self._refer(rows, "conversations_entry", "conversation_id")
        went_on = joined - {row[0] for row in rows.get("conversations_conversation", ())}
        return seconds(lambda: self._write(rows, list(events), list(went_on)))

    def _write(self, rows: Rows, events: list[str | None], went_on: list[str | None]) -> None:
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute("SELECT set_config('omnidesk.workspace_id', %s, true)", [str(self.target)])
            for name, fresh in rows.items():
                if fresh:
                    cursor.executemany(self._tables[name].insert(), [(self.target, *row) for row in fresh])
            if events:
                cursor.execute(_DONE, [self.target, events])
            if went_on:
                cursor.execute(_WENT_ON, [self.target, went_on])

    def _refer(self, rows: Rows, name: str, column: str) -> set[str | None]:
        """The ids that rows of a table refer to."""
        place = self._tables[name].columns.index(column)
        return {row[place] for row in rows.get(name, ())}

    def _fresh(self, names: Sequence[str]) -> dict[str, list[Row]]:
        """What the application has written since it was last asked."""
        found: dict[str, list[Row]] = {}
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute("SELECT set_config('omnidesk.workspace_id', %s, true)", [str(self.source)])
            for name in names:
                cursor.execute(self._tables[name].select(), [self.source, self._copied[name]])
                found[name] = cursor.fetchall()
                if found[name]:
                    self._copied[name] = int(found[name][-1][0] or 0)
        return found

    def _table(self, name: str) -> Table:
        described = self._connection.execute(
            """
            SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
            WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
                AND attname <> 'workspace_id'
            ORDER BY attname <> 'id', attnum
            """,
            [name],
        ).fetchall()
        columns, types = zip(*described, strict=True)
        return Table(name, columns, types)
