"""Address lists as people and mailers really write them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from unicodedata import normalize

import idna

from channels_ingest.adapters.email.headers import decode_words, one_line
from channels_ingest.types import Address, AddressKind, Proof

MAX_ADDRESSES = 200
MAX_ADDRESS = 320  # RFC 5321 4.5.3.1: local part 64, domain 255
MAX_ADDRESS_NAME = 200

_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"?|<[^<>]*>?|[,;:()]|[^",;:<>()]+|>', re.DOTALL)
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'\\]{1,64}@[^\s<>()\[\],;:\"'\\@]{1,255}")
_NEEDLESSLY_QUOTED = re.compile(r'^"([\w.+-]+)"$')
_RESERVED = re.compile(r"[\x00-\x20\x7f<>\\]")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address of a list as written, and the decoded name beside it; either may be empty."""

    name: str
    written: str


class _List:
    """Reads the pieces of an address list (RFC 5322 3.4, forgiving what mailers get wrong)."""

    def __init__(self) -> None:
        self.found: list[Mailbox] = []
        self._words: list[str] = []
        self._before_comma: list[str] = []
        self._comment: list[str] = []
        self._angle: str | None = None

    def read(self, raw: str) -> list[Mailbox]:
        depth = 0
        for piece in _PIECE.findall(raw):
            if piece == "(":
                depth += 1
            elif piece == ")":
                depth = max(0, depth - 1)
            elif depth:
                self._comment.append(piece)
            else:
                self._take(piece)
        self._end_mailbox()
        return self.found

    def _take(self, piece: str) -> None:
        if piece in {",", ";"}:
            self._end_mailbox()
        elif piece == ":":  # the name of a group, or a stray "mailto:"
            self._words.clear()
        elif piece.startswith("<"):
            if self._angle is not None:
                self._end_mailbox()
            self._angle = re.sub(r"\s|^@[^:]*:", "", piece[1:].removesuffix(">"))
        elif piece.startswith('"'):
            self._words.append(re.sub(r"\\(.)", r"\1", piece[1:].removesuffix('"'), flags=re.DOTALL))
        elif piece.strip():
            self._words.append(piece.strip())

    def _end_mailbox(self) -> None:
        words, comment = " ".join(self._words), " ".join(self._comment)
        bare = _ADDRESS.findall(words)
        if self._angle is not None:
            self._add(", ".join([*self._before_comma, words]) if words else comment, self._angle)
        elif len(bare) == 1:
            self._add(comment or words.replace(bare[0], ""), bare[0])
        elif bare:
            for written in bare:
                self._add("", written)
        elif words:
            # Perhaps the family name of an unquoted "Doe, Jane <jane@...>".
            self._before_comma.append(words)
            self._words.clear()
            self._comment.clear()
            return
        self._reset()

    def _add(self, name: str, written: str) -> None:
        decoded = decode_words(name).strip("'\" <>")[:MAX_ADDRESS_NAME]
        self.found.append(Mailbox(decoded, decode_words(written)))

    def _reset(self) -> None:
        for part in (self._words, self._before_comma, self._comment):
            part.clear()
        self._angle = None

    @property
    def leftover(self) -> str:
        """Words at the end that belong to no address: `MAILER-DAEMON`."""
        return " ".join(self._before_comma)


def mailboxes(raw: str) -> list[Mailbox]:
    """Read an address field as written, with tolerance for bare names, groups, comments and missing quotes.

    `<>` gives a mailbox with nothing written; a lone word such as MAILER-DAEMON gives one without a domain.
    """
    reader = _List()
    found = reader.read(raw)
    if not found and reader.leftover:
        decoded = decode_words(reader.leftover)
        if _ADDRESS.search(decoded) and decoded != reader.leftover:  # the whole field is one encoded word
            return _List().read(decoded)[:MAX_ADDRESSES]
        if len(decoded.split()) == 1:
            return [Mailbox("", decoded)]
    return found[:MAX_ADDRESSES]


def normal(written: str) -> str:
    """The key of an address: lower case, IDNA domain; empty when it is no address. Tags and dots stay."""
    local, _, domain = written.strip().strip("'").rpartition("@")
    local, domain = _NEEDLESSLY_QUOTED.sub(r"\1", local), _normal_domain(domain)
    key = f"{normalize('NFC', local).lower()}@{domain}"
    if not local or not domain or len(key) > MAX_ADDRESS or _RESERVED.search(key):
        return ""
    return key


def _normal_domain(written: str) -> str:
    domain = written.strip().rstrip(".").lower()
    if domain.isascii() or len(domain) > 255:
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return normalize("NFC", domain)


def domain_of(address: str) -> str:
    """The domain of a normalised address."""
    return address.rpartition("@")[2]


def to_address(mailbox: Mailbox, proof: Proof = Proof.CLAIMED) -> Address | None:
    """A mailbox as the typed Address; None when it holds no address."""
    value = normal(mailbox.written)
    if not value:
        return None
    verbatim = one_line(mailbox.written)[:MAX_ADDRESS]
    return Address(AddressKind.EMAIL, value, name=mailbox.name, verbatim=verbatim, proof=proof)


def address_list(fields: Iterable[str]) -> tuple[Address, ...]:
    """All the addresses of several fields, each once, claimed."""
    found: dict[str, Address] = {}
    for raw in fields:
        for mailbox in mailboxes(raw):
            address = to_address(mailbox)
            if address and len(found) < MAX_ADDRESSES:
                found.setdefault(address.value, address)
    return tuple(found.values())


def addresses_in(text: str, limit: int) -> list[str]:
    """Normalised addresses that stand anywhere in a text."""
    found = (
        normal(match[0].rstrip(".")) for match, _ in zip(_ADDRESS.finditer(text), range(limit), strict=False)
    )
    return [address for address in dict.fromkeys(found) if address]


def on_the_wire(address: Address) -> str:
    """An address as servers should see it: the local part as its owner writes it, the domain in ASCII."""
    if normal(address.verbatim) != address.value:
        return address.value
    return address.verbatim.strip("' ").rpartition("@")[0] + "@" + domain_of(address.value)
