"""Forwarded mail: whether it is one, and whom the quoted header block names."""

import re

from channels_ingest.adapters.email.addresses import Mailbox, mailboxes, normal

# Prefixes of mail programs in their languages; "VS" is a forward in Danish and Norwegian.
_FORWARD = re.compile(
    r"^\s*(?:fwd?|wg|tr|rv|enc|i|vs|vb|vl|doorst|pd|tov|fs|ilt|iletti|πρθ|转发|轉寄|転送|전달)\s*[:\uff1a]",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"^\s*(?:re|aw|sv|antw|odp|res|r|ri|rif|bls|ynt|vá|atb|σχετ|απ|回复|答复|返信|回覆|회신)(?:\[\d+\])?\s*[:\uff1a]",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"^[> \t]{0,20}(?:-{5,} ?(?:forwarded|weitergeleitete|message transf|mensaje reenviado|messaggio inoltrato"
    r"|doorgestuurd|videresendt|vidarebefordrat|przekazan|mensagem encaminhada|пересла).{0,60}"
    r"|begin forwarded message|anfang der weitergeleiteten|début du message (?:réexpédié|transféré)"
    r"|inicio del mensaje reenviado|inizio messaggio inoltrato|begin doorgestuurd bericht)",
    re.IGNORECASE | re.MULTILINE,
)
_FROM = re.compile(
    r"^[>* \t]{0,20}(?:from|von|de|de la|da|van|fra|från|od|lähettäjä|feladó|kimden|gönderen|saatja|nuo|expéditeur"
    r"|remitente|mittente|afzender|absender|от|від|από|发件人|寄件者|差出人|보낸 ?사람|מאת|من)"
    r"[ \t]{0,5}[:\uff1a]\*?[ \t]*(\S.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_FIELD = re.compile(r"^[>* \t]{0,20}[^\s:\uff1a][^:\uff1a]{0,30}[:\uff1a]")
_SEARCHED = 64_000
_BLOCK_LINES = 8


def is_answer(subject: str) -> bool:
    """Whether the subject says Re:, in any language."""
    return bool(_ANSWER.match(subject))


def is_forward(subject: str, text: str) -> bool:
    """Whether a mail looks like a forward."""
    if _FORWARD.match(subject):
        return True
    return not is_answer(subject) and bool(_SEPARATOR.search(text[:_SEARCHED]))


def quoted_sender(text: str) -> Mailbox | None:
    """The sender that a quoted header block names: a claim, whoever typed it."""
    searched = text[:_SEARCHED]
    for match in _FROM.finditer(searched):
        block = searched[match.end() : match.end() + 2_000].split("\n")[1:_BLOCK_LINES]
        if sum(1 for line in block if _FIELD.match(line)) >= 2:
            named = re.sub(r"\[mailto:|mailto:|[*\]]", " ", match[1])
            found = next((box for box in mailboxes(named) if normal(box.written)), None)
            if found:
                return found
    return None
