"""Twilio's REST API: asking it, and what its answers mean when they are no success."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote

import httpx

from channels_ingest.adapters.twilio.errors import meaning_of
from channels_ingest.base import AdapterError, ChannelFacts
from tenancy.http import ForbiddenHost, client, provider_url

API = "https://api.twilio.com"
MOST_PAGES = 200
LONGEST_WAIT = 3600  # seconds
MEDIA_LIST = "/Media.json"  # below a message

Json = dict[str, Any]
Form = dict[str, str | list[str]]  # a list where a field is repeated


def base_url() -> str:
    """Where the API is, without a slash at the end."""
    return provider_url("twilio", API)


def account_url(channel: ChannelFacts) -> str:
    """The channel's account in the API, without ".json". Raises AdapterError when the channel names none."""
    sid = channel.config.get("account_sid", "").strip()
    if not sid:
        raise AdapterError("config", "This channel has no account SID.", retryable=False)
    return f"{base_url()}/2010-04-01/Accounts/{quote(sid, safe='')}"


def credentials(channel: ChannelFacts) -> tuple[str, str]:
    """User and password of Basic authentication."""
    return channel.config.get("account_sid", "").strip(), channel.secrets.get("auth_token", "")


def ask(channel: ChannelFacts, url: str, params: Mapping[str, str] | None = None) -> Json:
    """GET a resource. Raises AdapterError, never an uncertain one."""
    with reaching(url), client() as http:
        answer = http.get(url, params=params, auth=credentials(channel))
    return _content(answer)


def hand_in(channel: ChannelFacts, url: str, form: Form) -> Json:
    """POST a form. Raises AdapterError, uncertain where Twilio may have acted on it."""
    with reaching(url, uncertain=True), client() as http:
        answer = http.post(url, data=form, auth=credentials(channel))
    if answer.status_code >= 500 and answer.status_code != 503 and not _code(_json(answer)):
        detail = f"Twilio answered {answer.status_code}, and did not say what became of the message."
        raise AdapterError("no-answer", detail, retryable=False, uncertain=True)
    return _content(answer, uncertain=True)


def ask_all(channel: ChannelFacts, url: str, params: Mapping[str, str], name: str) -> Iterator[Json]:
    """Every item of a list, `name` in its pages. The next page is named by a path, so it is at the same host.

    Raises AdapterError.
    """
    page = ask(channel, url, params)
    for _ in range(MOST_PAGES):
        yield from _items(page, name)
        following = page.get("next_page_uri")
        if not following:
            return
        if not str(following).startswith("/"):
            raise AdapterError("host", "Twilio's list goes on at another host.", retryable=False)
        page = ask(channel, f"{base_url()}{following}")


def origin(url: httpx.URL) -> tuple[str, str, int | None]:
    """Scheme, host and port: what credentials are for."""
    return url.scheme, url.host, url.port


@contextmanager
def reaching(url: str, *, uncertain: bool = False) -> Iterator[None]:
    """Say what went wrong on the way. Raises AdapterError, `uncertain` when the request may have arrived."""
    host = url.partition("://")[2].partition("/")[0]
    try:
        yield
    except ForbiddenHost as error:
        raise AdapterError("host", f"{error}. Connecting there is not allowed.", retryable=False) from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise AdapterError("config", f"{host} is no address to connect to.", retryable=False) from error
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        detail = f"{host} cannot be reached: {error or 'it does not answer'}."
        raise AdapterError("connect", detail, retryable=True) from error
    except httpx.HTTPError as error:
        detail = f"{host} broke off: {error or type(error).__name__}."
        raise AdapterError("no-answer", detail, retryable=not uncertain, uncertain=uncertain) from error


def refusal(answer: httpx.Response, said: Json) -> AdapterError:
    """What an answer other than success means; `said` is what Twilio says in it."""
    words = str(said.get("message") or f"Twilio answered {answer.status_code}.")
    meaning = meaning_of(_code(said) or _MEANT.get(answer.status_code, ""), words)
    return AdapterError(
        meaning.code or str(answer.status_code),
        meaning.words,
        retryable=meaning.retryable or answer.status_code in {408, 429} or answer.status_code >= 500,
        retry_after=_wait(answer),
    )


# What a status means that comes without a code of Twilio's.
_MEANT = {401: "20003", 429: "20429", 503: "20503"}


def _content(answer: httpx.Response, *, uncertain: bool = False) -> Json:
    said = _json(answer)
    if not answer.is_success:
        raise refusal(answer, said)
    if not said:
        detail = f"Twilio answered {answer.status_code} with something else than JSON."
        raise AdapterError("no-answer", detail, retryable=not uncertain, uncertain=uncertain)
    return said


def _json(answer: httpx.Response) -> Json:
    with suppress(ValueError, RecursionError):
        said = json.loads(answer.content)
        return said if isinstance(said, dict) else {}
    return {}


def _items(page: Json, name: str) -> list[Json]:
    found = page.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _code(said: Json) -> str:
    code = said.get("code")
    return str(code) if isinstance(code, int) else ""


def _wait(answer: httpx.Response) -> int | None:
    """Seconds that Twilio asks to wait for."""
    written = answer.headers.get("retry-after", "")
    return min(int(written), LONGEST_WAIT) if written.isascii() and written.isdecimal() else None
