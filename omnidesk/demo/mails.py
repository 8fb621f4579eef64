"""How the demo's mails look: greetings, signatures, quoted history, HTML."""

from datetime import datetime
from html import escape

from omnidesk.demo.matters import Words

_OPENINGS = {
    "en": "Hello,",
    "de": "Guten Tag,",
    "es": "Buenos días:",
    "fr": "Bonjour,",
    "ar": "السلام عليكم،",
    "ja": "お世話になっております。",
    "pt": "Bom dia,",
    "nl": "Goedemiddag,",
    "sv": "Hej,",
}
_CLOSINGS = {
    "en": "Best regards",
    "de": "Mit freundlichen Grüßen",
    "es": "Un saludo",
    "fr": "Cordialement",
    "ar": "مع التحية",
    "ja": "よろしくお願いいたします。",
    "pt": "Cumprimentos",
    "nl": "Met vriendelijke groet",
    "sv": "Vänliga hälsningar",
}


def letter(text: str, *, language: str, signature: str) -> str:
    """A text between a greeting and a signature."""
    return f"{_OPENINGS[language]}\n\n{text}\n\n{_CLOSINGS[language]}\n{signature}"


def history(text: str, *, at: datetime, sender: str) -> str:
    """What a mail program writes below an answer."""
    quoted = "\n".join(f"> {line}" for line in text.splitlines())
    return f"On {at:%a, %d %b %Y} at {at:%H:%M}, {sender} wrote:\n{quoted}"


def as_html(words: Words, *, logo: str = "") -> Words:
    """The same mail as a mail program writes it, with the logo of the sender's company in the signature."""
    paragraphs = "".join(f"<p>{_lines(part)}</p>" for part in words.text.split("\n\n"))
    image = f'<p><img src="https://{logo}/logo.png" width="140" alt="{escape(logo)}"></p>' if logo else ""
    quoted = f'<div class="gmail_quote"><blockquote>{_lines(words.quoted)}</blockquote></div>'
    html = f"<html><body>{paragraphs}{image}{quoted if words.quoted else ''}</body></html>"
    return Words(words.text, words.subject, html, words.quoted, words.files)


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")
