"""How the made-up Twilio gets the files that it is to send: it asks for them by their address, as anybody would.

https://www.twilio.com/docs/messaging/guides/accepted-mime-types. That a message fails with these codes is taken
from what Twilio's pages on them say; none shows a message that did.
"""

import re
from collections.abc import Sequence
from email.message import Message as Headers

import httpx

from tests.providers.twilio.messages import Media

PATIENCE = 15  # seconds for one file
LARGEST = 5_000_000  # bytes of one message
NOT_FETCHED, NOT_ACCEPTED, TOO_LARGE = 63019, 12300, 11751
ACCEPTED = re.compile(
    r"audio/.+|video/.+|image/(jpe?g|gif|png|bmp|tiff|hei[cf])|text/(x-vcard|vcard|csv|rtf|calendar|directory)"
    r"|application/(pdf|vcard|vnd\.apple\.pkpass|msword|vnd\.ms-.+|vnd\.openxmlformats-officedocument\..+)"
)


class NotCollected(Exception):
    """A message's files cannot be had, or sent: it fails with `code`."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


def collect(files: Sequence[Media]) -> None:
    """Fetch the content of those files that have a source. Raises NotCollected."""
    for file in files:
        if file.source:
            _collect(file)
    if sum(len(file.content) for file in files) >= LARGEST:
        raise NotCollected(TOO_LARGE)


def _collect(file: Media) -> None:
    headers = {"User-Agent": "TwilioProxy/1.1"}
    try:
        with httpx.Client(headers=headers, timeout=PATIENCE, trust_env=False, follow_redirects=True) as http:
            asked = http.head(file.source)
            answer = http.get(file.source)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotCollected(NOT_FETCHED) from error
    if not (asked.is_success and answer.is_success and answer.content):
        raise NotCollected(NOT_FETCHED)
    file.content_type = answer.headers.get("content-type", "").partition(";")[0].lower()
    if not ACCEPTED.fullmatch(file.content_type):
        raise NotCollected(NOT_ACCEPTED)
    file.content, file.name = answer.content, _name(answer.headers.get("content-disposition", ""))


def _name(disposition: str) -> str:
    headers = Headers()
    headers["Content-Disposition"] = disposition
    return headers.get_filename() or ""
