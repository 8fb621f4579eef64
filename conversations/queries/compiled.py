"""Filters as SQL, in which nothing that was typed has a part: what is compared goes beside it, as facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from conversations.queries.fields import ME, MINE, NONE, SPANS, VALUELESS, Field, Type
from conversations.queries.filters import Condition, Fields, Filter

# Which are listed: the conditions of the partial indexes (conversations.models), in which each list is read.
KEPT = "kind = 'customer' AND NOT is_spam"
ACTIVE = f"{KEPT} AND status IN ('open', 'pending')"
WORDS = 10  # of a text, that are looked for


@dataclass(frozen=True, slots=True)
class Compiled:
    """SQL about a row `c`, the facts that it asks for beside `workspace` and `member`, and where to walk: the base
    is the condition of an index that holds the conversations newest first."""

    test: str
    base: str
    facts: Mapping[str, Any]

    @property
    def topics(self) -> str:
        """What has to change for what it finds to change, as `lists.View.topics` says it."""
        if "NOT is_spam" not in self.base:
            return "spam"
        named = [status for status in ("snoozed", "resolved") if f"status = '{status}'" in self.base]
        return named[0] if named else "open" if self.base.startswith(ACTIVE) else "open snoozed resolved"


def compiled(filter: Filter, fields: Fields, *, named: str = "filter") -> Compiled:
    """A filter as SQL. `named` begins the names of its facts. A condition on a field that is gone never holds."""
    tests, facts = list[str](), dict[str, Any]()
    for position, condition in enumerate(filter.conditions):
        test, asked = _test(condition, fields.get(condition.field), f"{named}_{position}")
        tests.append(f"({test})")
        facts |= asked
    base, narrow = _base(filter, f"{named}_base")
    joined = (" OR " if filter.match == "any" else " AND ").join(tests)
    return Compiled(f"({joined or 'true'})", base, facts | narrow)


def _test(condition: Condition, field: Field | None, name: str) -> tuple[str, dict[str, Any]]:
    if field is None:
        return "false", {}
    test, facts = _plain(field, condition.op, condition.value, name)
    if condition.op.endswith("_not"):
        test = f"NOT coalesce({test}, false)"
    if field.attribute is not None:
        test = test.replace("KEY", f"%({name}_key)s::text")
        facts[f"{name}_key"] = field.attribute.key
    return test, facts


def _plain(field: Field, op: str, value: Any, name: str) -> tuple[str, dict[str, Any]]:
    """The test without its negation."""
    if op in VALUELESS:
        return (field.empty if op == "not_set" else f"NOT ({field.empty})"), {}
    if field.type == Type.CHOICE:
        return _among(field, value, name)
    if field.type == Type.TEXT and op.startswith("has"):
        words = f"unnest(%({name})s::text[]) word"
        found = f"(SELECT bool_and(strpos(lower({field.sql}), lower(word)) > 0) FROM {words})"
        return found, {name: value.split()[:WORDS]}
    if field.type in PLAIN:
        return PLAIN[field.type].format(field.sql, COMPARE.get(op, "="), f"%({name})s"), {name: value}
    return _in_time(field, op, value, name)


COMPARE = {"above": ">", "below": "<", "before": "<", "after": ">="}
PLAIN = {
    Type.TEXT: "lower({0}) {1} lower({2}::text)",
    Type.NUMBER: "{0} {1} {2}::numeric",
    Type.TRUTH: "coalesce({0}, false) {1} {2}::boolean",
    Type.ROW: "{0} {1} {2}::bigint",
}


def _among(field: Field, value: Sequence[str | int], name: str) -> tuple[str, dict[str, Any]]:
    plain = [each for each in value if each not in field.specials]
    tests, facts = list[str](), dict[str, Any]()
    if plain:
        kind = "bigint" if field.is_id else "text"
        tests.append(field.among.replace("VALUES", f"%({name})s::{kind}[]"))
        facts[name] = [int(each) for each in plain] if field.is_id else [str(each) for each in plain]
    tests += [
        field.empty if each == NONE else field.among.replace("VALUES", WHOSE[str(each)])
        for each in value
        if each in field.specials
    ]
    return "(" + " OR ".join(tests) + ")", facts


WHOSE = {
    ME: "ARRAY[%(member)s]::bigint[]",
    MINE: """ARRAY(
        SELECT team_id FROM tenancy_teammember WHERE workspace_id = %(workspace)s AND member_id = %(member)s)""",
}


def _in_time(field: Field, op: str, value: Any, name: str) -> tuple[str, dict[str, Any]]:
    """A moment or a date, before or after another, or within a length of time from now."""
    kind = "timestamptz" if field.type == Type.MOMENT else "text"
    if op not in SPANS:
        at: Any = _midnight(value) if field.type == Type.MOMENT else value
        return f"{field.sql} {COMPARE.get(op, '=')} %({name})s::{kind}", {name: at}
    now, length = timezone.now(), timedelta(**{value["unit"]: value["count"]})
    edge = now + length if op == "next" else now - length
    facts: dict[str, Any] = {name: edge, f"{name}_now": now}
    if field.type == Type.DATE:
        facts = {key: timezone.localdate(at).isoformat() for key, at in facts.items()}
    here, there = f"%({name}_now)s::{kind}", f"%({name})s::{kind}"
    tests = {
        "older": f"{field.sql} < {there}",
        "within": f"{field.sql} BETWEEN {there} AND {here}",
        "next": f"{field.sql} BETWEEN {here} AND {there}",
    }
    return tests[op], facts if op != "older" else {name: facts[name]}


def _midnight(day: str) -> datetime:
    """When a day begins where the reader is."""
    return timezone.make_aware(datetime.combine(date.fromisoformat(day), time.min))


def _base(filter: Filter, name: str) -> tuple[str, dict[str, Any]]:
    """The narrowest index among whose conversations all are that the filter finds."""
    asked = {each.field: each.value for each in filter.conditions if each.op == "is"}
    if filter.match == "any":
        return KEPT, {}
    if asked.get("spam") is True:
        return "kind = 'customer' AND is_spam", {}
    for field in ("contact", "account"):
        if field in asked:
            return f"{KEPT} AND {field}_id = %({name})s::bigint", {name: asked[field]}
    statuses = set(asked.get("status", ()))
    if statuses and statuses <= {"open", "pending"}:
        return _active(asked, name)
    if statuses in ({"snoozed"}, {"resolved"}):
        return f"{KEPT} AND status = '{statuses.pop()}'", {}
    return KEPT, {}


def _active(asked: Mapping[str, Any], name: str) -> tuple[str, dict[str, Any]]:
    """Among what is open: whose it is, where it is by one column of an index."""
    columns = {
        "assignee": "assignee_id",
        "team": "team_id",
        "channel": "last_channel_id",
        "brand": "brand_id",
    }
    for field, column in columns.items():
        (only, *more) = asked.get(field) or [MINE]
        if more or only == MINE:
            continue
        if only == ME:
            return f"{ACTIVE} AND {column} = %(member)s", {}
        if only != NONE:
            return f"{ACTIVE} AND {column} = %({name})s::bigint", {name: int(only)}
        if field == "assignee":
            return f"{ACTIVE} AND {column} IS NULL", {}
    return ACTIVE, {}
