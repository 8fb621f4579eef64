"""Mails as they arrive: text and HTML, a signature, quoted history, a trusted verdict on the sender."""

from collections.abc import Iterator
from email.message import EmailMessage

VOUCHER = "mx.us.example"  # whose Authentication-Results the channel trusts
PER_SENDER = 4  # a first mail, and answers to it
_WORDS = (
    "The order was due on Tuesday and the tracking page still says that a label was created. Could you ask the "
    "courier where it is? We need it by the weekend, and nobody is at home on Friday before four. "
)


def mails(count: int, *, run: str) -> Iterator[bytes]:
    """Raw mails; senders take turns, and each writes PER_SENDER of them. `run` keeps two runs' ids apart."""
    senders = max(count // PER_SENDER, 1)
    for number in range(count):
        yield _mail(sender=number % senders, turn=number // senders, run=run)


def _mail(*, sender: int, turn: int, run: str) -> bytes:
    domain = f"{run}.customer{sender}.example"
    mail = EmailMessage()
    mail["Received"] = f"from mail.{domain} by {VOUCHER} with ESMTPS; Mon, 23 Nov 2026 08:00:00 +0000"
    mail["Authentication-Results"] = f"{VOUCHER}; dmarc=pass header.from={domain}"
    mail["From"], mail["To"] = f"Customer {sender} <person@{domain}>", "help@us.example"
    mail["Subject"] = f"{'Re: ' if turn else ''}Order {sender} has not arrived"
    mail["Date"], mail["Message-ID"] = "Mon, 23 Nov 2026 08:00:00 +0000", _id(turn, domain)
    if turn:
        mail["In-Reply-To"] = mail["References"] = _id(turn - 1, domain)
    text = f"Hello,\n\n{_WORDS * 3}\n\nBest regards\nCustomer {sender}\n"
    history = "".join(f"> {_WORDS}\n" for _ in range(turn * 2))
    mail.set_content(f"{text}\nOn Sunday we wrote:\n{history}" if turn else text)
    quote = f'<div class="gmail_quote"><blockquote>{history}</blockquote></div>' if turn else ""
    mail.add_alternative(f"<div><p>{text}</p><p><b>Customer</b></p>{quote}</div>", subtype="html")
    return mail.as_bytes()


def _id(turn: int, domain: str) -> str:
    return f"<{turn}.order@{domain}>"
