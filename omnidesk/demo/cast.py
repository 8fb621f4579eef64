"""Who appears in the demo: colleagues, customer companies with their people, and shoppers."""

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from contacts.types import AddressKind, Proof
from tenancy.models import Role

PASSWORD = "omnidesk-demo"  # noqa: S105 - printed at every start; refused anywhere but on loopback


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who signs in."""

    email: str
    name: str
    title: str
    role: Role


COLLEAGUES = (
    Colleague("admin@acme.example", "Asta Winther", "Support operations", Role.OWNER),
    Colleague("agent@acme.example", "Mila Duarte", "Integrations and billing", Role.AGENT),
    Colleague("agent2@acme.example", "Jonah Reyes", "Shop and projects", Role.AGENT),
    Colleague("manager@acme.example", "Ravi Menon", "Account lead", Role.MANAGER),
)
NEIGHBOUR = Colleague("admin@globex.example", "Greta Olsen", "Owner", Role.OWNER)


@dataclass(frozen=True, slots=True)
class Company:
    """A customer company; `people` are (name, title, language)."""

    name: str
    domain: str
    brand: str
    facts: dict[str, str]
    people: tuple[tuple[str, str, str], ...]


Addresses = dict[AddressKind, tuple[str, Proof]]


@dataclass(frozen=True, slots=True)
class Person:
    """A customer before they are stored. `addresses` has one of each kind, with its proof."""

    name: str
    brand: str
    language: str = "en"
    title: str = ""
    company: Company | None = None
    addresses: Addresses = field(default_factory=dict)


COMPANIES = (
    Company(
        "Northpeak Robotics",
        "northpeak.example",
        "acme",
        {"plan": "Scale", "time zone": "Seattle"},
        (
            ("Peter Lindahl", "Head of operations", "en"),
            ("Yuki Arai", "Developer", "en"),
            ("Marta Nowak", "Accounts payable", "en"),
        ),
    ),
    Company(
        "Bellweather Media",
        "bellweather.example",
        "studio",
        {"contract": "Managed, answer within 1 h", "storefronts": "3"},
        (
            ("Edwin Cole", "Client director", "en"),
            ("Femi Adeyemi", "Producer", "en"),
            ("Nadja Brandt", "Finance", "en"),
            ("Owen Tully", "Developer", "en"),
        ),
    ),
    Company(
        "Brauhaus Lindner",
        "lindner.example",
        "acme",
        {"plan": "Team"},
        (("Franziska Lindner", "Geschäftsleitung", "de"), ("Uwe Brandt", "Buchhaltung", "de")),
    ),
    Company(
        "Pinewood Foods",
        "pinewood.example",
        "acme",
        {"plan": "Scale"},
        (
            ("Ines Kaiser", "Rechnungswesen", "de"),
            ("Tobias Wolff", "IT", "de"),
            ("Sam Ortega", "Retail", "en"),
        ),
    ),
    Company(
        "Tidewater Logistics",
        "tidewater.example",
        "acme",
        {"plan": "Enterprise", "contract": "24 hours, 7 days"},
        (
            ("Theo Strand", "Fleet manager", "en"),
            ("Amara Diallo", "Developer", "en"),
            ("Ruth Keller", "Dispatch", "en"),
            ("Colin Mackey", "IT", "en"),
        ),
    ),
    Company(
        "Cobalt Dental Group",
        "cobaltdental.example",
        "acme",
        {"plan": "Scale", "locations": "8"},
        (("Nadia Amrani", "Practice manager", "en"), ("Hugh Prentice", "Finance", "en")),
    ),
    Company(
        "Atelier Roux",
        "atelier-roux.example",
        "acme",
        {"plan": "Team"},
        (("Camille Roux", "Fondatrice", "fr"), ("Bastien Leroy", "Développeur", "fr")),
    ),
    Company(
        "Viajes Almendra",
        "almendra.example",
        "acme",
        {"plan": "Team"},
        (("Lucía Ferrer", "Directora", "es"), ("Diego Pardo", "Administración", "es")),
    ),
    Company(
        "Kestrel & Sons",
        "kestrel.example",
        "studio",
        {"contract": "Projects"},
        (("Omar Kestrel", "Managing director", "en"), ("Gemma Hart", "Marketing", "en")),
    ),
    Company(
        "Werkhof Design",
        "werkhof.example",
        "studio",
        {"contract": "Projects"},
        (("Jana Vogt", "Projektleitung", "de"), ("Till Ackermann", "Redaktion", "de")),
    ),
    Company(
        "Skärgård Marin",
        "skargard.example",
        "acme",
        {"plan": "Team"},
        (("Elin Berg", "Ekonomi", "sv"), ("Olof Sandin", "IT", "en")),
    ),
)

_FIRST = {
    "en": "Ada Ben Cara Dylan Elsie Finn Grace Hugo Isla Jude Kofi Leah Max Nora Oscar Poppy Quinn Rosie",
    "de": "Anke Bernd Clara Dirk Emma Frieda Hanna Jonas Lena Moritz",
    "es": "Alba Bruno Carmen Elena Hugo Inés Marcos Nuria",
    "fr": "Adèle Basile Chloé Éloi Inès Jules Manon Rémi",
    "ar": "ليلى يوسف",
    "ja": "健太 美咲",
    "pt": "Beatriz Inês",
    "nl": "Sanne Joris",
}
_LAST = {
    "en": "Sorensen Tillman Nartey Park Hughes Costa Abbott Lowe Whitfield Byrne Osei Marsh",
    "de": "Hoffmann Keller Wolff Seidel Brandt Krüger",
    "es": "Navarro Pardo Romero Vidal Molina",
    "fr": "Girard Lambert Moreau Petit Renaud",
    "ar": "حداد منصور",
    "ja": "佐藤 田中",
    "pt": "Almeida Rocha",
    "nl": "Visser Bakker",
}
_SHARE = {"en": 68, "de": 14, "es": 8, "fr": 8, "ar": 2, "ja": 2, "pt": 2, "nl": 2}  # shoppers a language
_SPAMMERS = (
    ("Rank Experts", "rank-experts.example"),
    ("Accounts Department", "secure-billing.example"),
    ("Mr. Harold Finch", "capital-trust.example"),
    ("Lead Factory", "leadfactory.example"),
    ("Growth Team", "growth-hq.example"),
    ("SEO Audit Desk", "seo-audit.example"),
)
_POST = ("post.example", "mailbox.example", "letterbox.example", "home.example")
_SHOPPERS_HAVE = (
    AddressKind.INSTAGRAM,
    AddressKind.WHATSAPP,
    AddressKind.SMS,
    AddressKind.MESSENGER,
    AddressKind.CHAT,
)


def customers(rng: random.Random) -> list[Person]:
    """Everybody who writes: the people of the companies, and the shoppers."""
    numbers = _phone_numbers(rng)
    return [*_staff(rng, numbers), *_shoppers(rng, numbers), *_spammers()]


def _staff(rng: random.Random, numbers: Iterator[str]) -> Iterator[Person]:
    for company in COMPANIES:
        for position, (name, title, language) in enumerate(company.people):
            addresses = {AddressKind.EMAIL: (f"{_local_part(name)}@{company.domain}", Proof.ATTESTED)}
            if company.brand == "studio":
                addresses[AddressKind.SLACK] = (f"U{rng.getrandbits(40):010X}", Proof.ATTESTED)
            else:
                addresses[AddressKind.CHAT] = (_visitor(rng), Proof.ATTESTED)
            if position % 2 == 0:
                calls_and_texts = (AddressKind.PHONE, AddressKind.SMS)
                addresses |= dict.fromkeys(calls_and_texts, (next(numbers), Proof.CONFIRMED))
            yield Person(name, company.brand, language, title, company, addresses)


def _shoppers(rng: random.Random, numbers: Iterator[str]) -> Iterator[Person]:
    for language, share in _SHARE.items():
        first, last = _FIRST[language].split(), _LAST[language].split()
        names = [f"{one} {other}" for one in first for other in last]
        for name in rng.sample(names, min(share, len(names))):
            yield Person(name, "shop", language, addresses=_shopper_addresses(name, rng, numbers))


def _spammers() -> Iterator[Person]:
    """Nobody vouches for their addresses."""
    for name, domain in _SPAMMERS:
        address = (f"{_local_part(name)}@{domain}", Proof.CLAIMED)
        yield Person(name, "spam", addresses={AddressKind.EMAIL: address})


def _shopper_addresses(name: str, rng: random.Random, numbers: Iterator[str]) -> Addresses:
    """A mailbox, and up to two further ways to write."""
    local = _local_part(name) or "shopper"
    proof = rng.choices((Proof.ATTESTED, Proof.CONFIRMED, Proof.CLAIMED), (80, 12, 8))[0]
    found = {AddressKind.EMAIL: (f"{local}{rng.randrange(1000)}@{rng.choice(_POST)}", proof)}
    for kind in rng.sample(_SHOPPERS_HAVE, rng.choice((0, 1, 1, 2, 3))):
        if kind in {AddressKind.INSTAGRAM, AddressKind.MESSENGER}:
            value = str(rng.randrange(10**15, 10**16))
        else:
            value = _visitor(rng) if kind == AddressKind.CHAT else next(numbers)
        found[kind] = (value, Proof.ATTESTED)
    return found


def _phone_numbers(rng: random.Random) -> Iterator[str]:
    """Numbers that nobody has: 555-0100 to 555-0199 are kept for fiction in each area code of the US."""
    areas = (202, 209, 303, 312, 415, 503, 617, 702, 808, 907)
    return iter(rng.sample([f"+1{area}5550{last}" for area in areas for last in range(120, 200)], 800))


def _visitor(rng: random.Random) -> str:
    return f"visitor-{rng.getrandbits(48):012x}"


def _local_part(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower()).replace(" & ", " ")
    return "".join(letter for letter in plain.replace(" ", ".") if letter.isascii()).strip(".")
