"""What stands below an answer: the signature, and the message that is answered."""

from django.utils import formats
from django.utils.html import escape, linebreaks
from django.utils.translation import gettext as _

from conversations.models import Entry, EntryBody

QUOTED = 8_000  # characters of the message that is answered

Quote = tuple[str, str]


def quote_of(answered: Entry | None) -> Quote:
    """The line above the quoted message, and its text; both empty when there is nothing to quote."""
    if answered is None:
        return "", ""
    text = EntryBody.objects.filter(entry=answered).latest("version").text.strip()
    name = str(answered.identity.contact if answered.identity else _("you"))
    head = _("On %(date)s, %(name)s wrote:") % {
        "date": formats.date_format(answered.at, "D, j M Y"),
        "name": " ".join(name.split()),
    }
    return (head, text[:QUOTED]) if text else ("", "")


def signed_text(text: str, signature: str, quote: Quote) -> str:
    """The text with signature and quote below it."""
    head, quoted = quote
    parts = [text.strip()]
    if signature.strip():
        parts.append(f"-- \n{signature.strip()}")
    if quoted:
        parts.append(head + "\n" + "\n".join(f"> {line}".rstrip() for line in quoted.splitlines()))
    return "\n\n".join(parts) + "\n"


def signed_html(html: str, signature: str, quote: Quote) -> str:
    """The HTML with signature and quote below it."""
    head, quoted = quote
    parts = [html]
    if signature.strip():
        parts.append(f"<div>-- <br>{linebreaks(escape(signature.strip()))}</div>")
    if quoted:
        parts.append(
            f'<div>{escape(head)}</div><blockquote type="cite">{linebreaks(escape(quoted))}</blockquote>'
        )
    return "\n".join(parts)
