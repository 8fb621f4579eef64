"""Who vouches for the sender: Authentication-Results (RFC 8601) of servers that the channel trusts, or the
verdict of the e-mail service that a mail came by."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from channels_ingest.adapters.email.headers import Headers

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"?|([();=])|[^\s"();=]+')
_RECEIVED_BY = re.compile(r"\bby\s+([^\s;()]+)", re.IGNORECASE)
_SIGNER = re.compile(r"(?:^|;)\s*d\s*=\s*([^\s;]+)", re.IGNORECASE)
_RECEIVED_FROM = re.compile(r"^\s*from\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Result:
    """One method's result, with its properties: dkim=pass header.d=example.com."""

    method: str
    result: str
    properties: dict[str, str]


def is_attested(headers: Headers, domain: str, trusted: frozenset[str]) -> bool:
    """Whether a trusted server vouches for the From domain in the headers of a mail.

    Only results above the first Received field that none of the trusted servers wrote are read: what stands
    below came with the mail, and a sender can write anything there (RFC 8601 section 7.1).
    """
    return vouch_for(domain, [result for field in _trusted_fields(headers, trusted) for result in field])


def vouch_for(domain: str, results: Iterable[Result]) -> bool:
    """Whether results that can be trusted vouch for a From domain: DMARC pass, or without DMARC an aligned
    DKIM or SPF. A missing verdict is no verdict."""
    results = list(results)
    for result in results:
        if result.method == "dmarc" and result.result != "none":
            return result.result == "pass" and result.properties.get("header.from", domain) == domain
    return any(_aligned(result, domain) for result in results if result.result == "pass")


def signer_of(headers: Headers) -> str:
    """The domain of a mail's one DKIM signature; empty with none, or with several: a service that says no
    more than "pass" does not say which of them did, and a stranger can add one that names anybody."""
    signatures = headers.all("dkim-signature")
    found = _SIGNER.search(signatures[0]) if len(signatures) == 1 else None
    return found[1].lower().rstrip(".") if found else ""


def passed(*, mail_from: str = "", signer: str = "") -> tuple[Result, ...]:
    """A service's bare word that SPF passed for this envelope sender, and DKIM for this domain."""
    found = [Result("spf", "pass", {"smtp.mailfrom": mail_from.lower()})] if mail_from else []
    found += [Result("dkim", "pass", {"header.d": signer.lower()})] if signer else []
    return tuple(found)


def _trusted_fields(headers: Headers, trusted: frozenset[str]) -> Iterator[list[Result]]:
    for name, value in headers.fields if trusted else ():
        if name == "received" and _is_foreign(value, trusted):
            return
        if name == "authentication-results":
            server, results = read_results(value)
            if server in trusted:
                yield results


def _is_foreign(received: str, trusted: frozenset[str]) -> bool:
    """Whether another organisation's server wrote this Received field.

    A hop inside of one machine has no `from` and often only an address after `by`: it says nothing.
    """
    by = _RECEIVED_BY.search(received[:2_000])
    host = by[1].lower().rstrip(".") if by else ""
    if any(host == server or host.endswith("." + _organisation(server)) for server in trusted):
        return False
    return bool(_RECEIVED_FROM.match(received))


def _organisation(server: str) -> str:
    """example.com for mx.example.com and for example.com."""
    _, _, parent = server.partition(".")
    return parent if "." in parent else server


def _aligned(result: Result, domain: str) -> bool:
    """RFC 7489 3.1 relaxed alignment, as far as it goes without a list of public suffixes."""
    match result.method:
        case "dkim":
            signer = result.properties.get("header.d") or result.properties.get("header.i", "")
        case "spf":
            signer = result.properties.get("smtp.mailfrom", "")
        case _:
            return False
    signer = signer.rpartition("@")[2]
    return "." in signer and (domain == signer or domain.endswith("." + signer))


def read_results(value: str) -> tuple[str, list[Result]]:
    """Parse an Authentication-Results value into the server's id and its results; comments are skipped."""
    statements = _statements(value)
    server = statements[0][0].lower() if statements and statements[0] else ""
    return server, [result for words in statements[1:] if (result := _result(words))]


def _statements(value: str) -> list[list[str]]:
    """The words of each part between semicolons, "=" being a word."""
    statements: list[list[str]] = [[]]
    depth = 0
    for token in _TOKEN.finditer(value):
        mark = token[2]
        if mark in {"(", ")"}:
            depth = max(0, depth + (1 if mark == "(" else -1))
        elif depth:
            continue
        elif mark == ";":
            statements.append([])
        else:
            statements[-1].append(token[1] if token[1] is not None else token[0])
    return statements


def _result(words: list[str]) -> Result | None:
    pairs = [
        (words[index - 1].lower(), words[index + 1].lower())
        for index in range(1, len(words) - 1)
        if words[index] == "="
    ]
    if not pairs:
        return None
    method, result = pairs[0]
    return Result(method.partition("/")[0], result, dict(reversed(pairs[1:])))
