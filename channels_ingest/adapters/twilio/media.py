"""Fetching the files of a message: from Twilio alone, our credentials for its API alone, and no more than fits."""

from dataclasses import replace
from email.message import Message

import httpx

from channels_ingest.adapters.twilio.api import (
    API,
    MEDIA_LIST,
    ask_all,
    base_url,
    credentials,
    origin,
    reaching,
    refusal,
)
from channels_ingest.adapters.twilio.form import file_name
from channels_ingest.base import MEGABYTE, AdapterError, ChannelFacts
from channels_ingest.types import IncomingFile
from tenancy.http import client

LIMIT = 20 * MEGABYTE
MOST_REDIRECTS = 3
_DOMAINS = (".twilio.com", ".twiliocdn.com")
# Buckets of Twilio's, by their older and their newer addresses.
_BUCKET = "media.twiliocdn.com"
_BUCKET_HOSTS = frozenset({f"{_BUCKET}.s3.amazonaws.com", f"{_BUCKET}.s3-external-1.amazonaws.com"})
_SHARED_HOSTS = frozenset({"s3.amazonaws.com", "s3-external-1.amazonaws.com"})


def fetch(source: str, channel: ChannelFacts) -> IncomingFile:
    """Get a file by the address that Twilio named, or by its place in a message's list. Raises AdapterError."""
    with reaching(source):
        url = httpx.URL(source)
    if not _is_api(url):
        raise _foreign(url)
    return _listed(url, channel) if url.path.endswith(MEDIA_LIST) else _download(url, channel)


def _listed(url: httpx.URL, channel: ChannelFacts) -> IncomingFile:
    """The file at the place in a list that the fragment says."""
    place = int(url.fragment) if url.fragment.isdecimal() else 0
    rows = list(ask_all(channel, str(url.copy_with(fragment=None)), {}, "media_list"))
    uri = str(rows[place].get("uri")) if place < len(rows) else ""
    if not uri.startswith("/"):
        raise _gone()
    file = _download(httpx.URL(base_url() + uri.removesuffix(".json")), channel)
    return file if file.name else replace(file, name=file_name(file.content_type, place + 1))


def _download(url: httpx.URL, channel: ChannelFacts) -> IncomingFile:
    with client(headers={"Accept-Encoding": "identity"}) as http:
        for _ in range(MOST_REDIRECTS + 1):
            auth = credentials(channel) if _is_api(url) else None
            with reaching(str(url)), http.stream("GET", url, auth=auth) as answer:
                if not answer.has_redirect_location:
                    return _file(answer)
                url = url.join(answer.headers["location"])
            if not (_is_api(url) or _is_store(url)):
                raise _foreign(url)
    raise AdapterError("redirects", "Twilio sends from one address to the next.", retryable=False)


def _is_api(url: httpx.URL) -> bool:
    """Whether an address is the API's, which our credentials are for."""
    return not url.userinfo and origin(url) in {origin(httpx.URL(API)), origin(httpx.URL(base_url()))}


def _is_store(url: httpx.URL) -> bool:
    """Whether Twilio keeps files there; where its base URL is replaced, that host may do so on any port."""
    if url.userinfo:
        return False
    if base_url() != API and url.host == httpx.URL(base_url()).host:
        return True
    is_shared = url.host in _SHARED_HOSTS and url.path.startswith(f"/{_BUCKET}/")
    is_twilio = is_shared or url.host in _BUCKET_HOSTS or url.host.endswith(_DOMAINS)
    return is_twilio and url.scheme == "https" and url.port is None


def _foreign(url: httpx.URL) -> AdapterError:
    shown = f"{url.scheme}://{url.host}"[:200]
    return AdapterError("host", f"Files are fetched from Twilio alone, not from {shown}.", retryable=False)


def _file(answer: httpx.Response) -> IncomingFile:
    if not answer.is_success:
        raise _missing(answer)
    content_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return IncomingFile(_name(answer.headers.get("content-disposition", "")), content_type, _content(answer))


def _missing(answer: httpx.Response) -> AdapterError:
    if answer.status_code in {404, 410}:
        return _gone()
    return refusal(answer, {})


def _gone() -> AdapterError:
    return AdapterError("gone", "Twilio does not have this file any more.", retryable=False)


def _content(answer: httpx.Response) -> bytes:
    """The body, as long as it is no longer than the limit, whatever length it claims. Raises AdapterError."""
    claimed = answer.headers.get("content-length", "")
    if "content-encoding" in answer.headers:
        raise AdapterError(
            "encoding", "Twilio sent the file in another form than asked for.", retryable=False
        )
    content = bytearray()
    if claimed.isdecimal() and int(claimed) > LIMIT:
        raise _too_big()
    for piece in answer.iter_raw():
        content += piece
        if len(content) > LIMIT:
            raise _too_big()
    return bytes(content)


def _too_big() -> AdapterError:
    return AdapterError("too-big", f"The file is larger than {LIMIT // MEGABYTE} MB.", retryable=False)


def _name(disposition: str) -> str:
    """The file name that a Content-Disposition claims, without folders; empty where there is none."""
    header = Message()
    header["Content-Disposition"] = " ".join(disposition.split())
    name = (header.get_filename() or "").replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in name if character.isprintable()).strip(" .")[:200]
