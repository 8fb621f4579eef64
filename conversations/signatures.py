"""What stands below mail: the brand's signature, with the name of who wrote it."""

from contacts.names import first_name
from conversations.variables import fill, unknown
from tenancy.models import Brand, Member


def signature_of(brand: Brand, member: Member | None) -> str:
    """The brand's signature below a mail of a member's; what nobody wrote is signed with the brand's name."""
    return fill(brand.signature, _values(brand.name, member.name if member else brand.name)).text.strip()


def unfit(text: str) -> list[str]:
    """What stands in a signature in double braces and would go out as it is, each once."""
    return [*unknown(text), *fill(text, _values("brand", "member")).missing]


def _values(brand: str, member: str) -> dict[str, str]:
    return {
        "brand.name": brand,
        "member.name": member,
        "member.first_name": first_name(member) or member,
    }
