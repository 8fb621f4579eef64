"""The made-up Twilio's REST API, as an ASGI application. https://www.twilio.com/docs/messaging/api"""

import base64
import binascii
from collections.abc import Callable
from urllib.parse import parse_qs, urlencode

from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.providers.twilio.messages import API, Media, Message
from tests.providers.twilio.state import Refused, Trouble, Twilio

PAGE, LARGEST_PAGE = 50, 1000
Endpoint = Callable[[Request], Response]


class BrokenOff(Response):
    """An answer that begins and then breaks off, with the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        raise ConnectionResetError("told to break off")


def application(twilio: Twilio) -> Starlette:
    """The API and the store of media; `twilio.url` must say where it is reached."""
    api = _Api(twilio)
    paths: list[tuple[str, Endpoint]] = [
        (f"{API}/{{account}}.json", api.account),
        (f"{API}/{{account}}/Messages/{{message}}.json", api.message),
        (f"{API}/{{account}}/Messages/{{message}}/Media.json", api.media_list),
        (f"{API}/{{account}}/Messages/{{message}}/Media/{{media}}", api.media),
        (f"{API}/{{account}}/IncomingPhoneNumbers.json", api.phone_numbers),
        (f"{API}/{{account}}/SMS/ShortCodes.json", api.short_codes),
    ]
    routes = [Route(path, api.guarded(endpoint)) for path, endpoint in paths]
    routes.append(Route(f"{API}/{{account}}/Messages.json", api.messages, methods=["GET", "POST"]))
    routes.append(Route("/store/{media}", api.store))
    application = Starlette(routes=routes)
    application.state.twilio = twilio
    return application


class _Api:
    """The endpoints. Those that may take long run in threads."""

    def __init__(self, twilio: Twilio) -> None:
        self.twilio = twilio

    def guarded(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint for those who sign in as the account, with its refusals told as Twilio does."""

        def answer(request: Request) -> Response:
            try:
                self._authenticate(request)
                return endpoint(request)
            except Refused as refused:
                return _problem(refused)

        return answer

    def account(self, request: Request) -> Response:
        twilio = self.twilio
        return JSONResponse(
            {"sid": twilio.account_sid, "status": twilio.status, "friendly_name": "Acme at Twilio"}
        )

    async def messages(self, request: Request) -> Response:
        """List messages, or send one."""
        if request.method == "GET":
            return await run_sync(self.guarded(self._list), request)
        body = await request.body()
        return await run_sync(self.guarded(lambda request: self._send(body)), request)

    def message(self, request: Request) -> Response:
        return JSONResponse(self._message(request).row)

    def media_list(self, request: Request) -> Response:
        message = self._message(request)
        rows = [message.media_row(media) for media in message.media]
        return JSONResponse({"media_list": rows, "next_page_uri": None})

    def media(self, request: Request) -> Response:
        """Where the bytes of a file are."""
        found = self._media(request.path_params["media"])
        return RedirectResponse(found.redirect or f"{self.twilio.store_url}/store/{found.sid}", 307)

    def store(self, request: Request) -> Response:
        """The bytes of a file, for whoever knows its address."""
        self.twilio.store_calls.append(dict(request.headers))
        try:
            found = self._media(request.path_params["media"])
        except Refused as refused:
            return _problem(refused)
        if found.answer:
            return found.answer()
        name = {"Content-Disposition": f'inline; filename="{found.name}"'} if found.name else {}
        return Response(found.content, media_type=found.content_type, headers=name)

    def phone_numbers(self, request: Request) -> Response:
        return self._numbers("incoming_phone_numbers", request.query_params.get("PhoneNumber", ""))

    def short_codes(self, request: Request) -> Response:
        return self._numbers("short_codes", request.query_params.get("ShortCode", ""))

    def _numbers(self, name: str, wanted: str) -> Response:
        is_long = name == "incoming_phone_numbers"
        numbers = [one for one in self.twilio.numbers.values() if one.number.startswith("+") == is_long]
        rows = [one.row for one in numbers if not wanted or one.number == wanted]
        return JSONResponse({name: rows, "next_page_uri": None})

    def _send(self, body: bytes) -> Response:
        trouble = self.twilio.troubles.popleft() if self.twilio.troubles else None
        if trouble in _BEFORE:
            return _BEFORE[trouble]()
        fields = parse_qs(body.decode(), keep_blank_values=True)
        media = [Media(b"", "", source=url) for url in fields.pop("MediaUrl", [])]
        message = self.twilio.send({name: values[-1] for name, values in fields.items()}, media)
        if self.twilio.tells_first:
            self.twilio.travel(message)
        answer = self._answer(message, trouble)
        if not self.twilio.tells_first:
            answer.background = BackgroundTask(self.twilio.travel, message)
        return answer

    def _answer(self, message: Message, trouble: Trouble | None) -> Response:
        match trouble:
            case Trouble.MUTE:
                self.twilio.closing.wait(30)
                return BrokenOff()
            case Trouble.DROPPED:
                return BrokenOff()
            case Trouble.GARBLED:
                return Response("<html>Thank you", 201, media_type="text/html")
        return JSONResponse(message.row | {"status": "queued"}, 201)

    def _list(self, request: Request) -> Response:
        """Messages newest first, by page; the next page is named by a path."""
        query = dict(request.query_params)
        size = min(int(query.get("PageSize", PAGE)), LARGEST_PAGE)
        page = int(query.get("Page", 0))
        with self.twilio.lock:
            rows = [one for one in reversed(self.twilio.messages) if _fits(one, query)]
        following = None
        if len(rows) > (page + 1) * size:
            more = query | {"PageSize": str(size), "Page": str(page + 1), "PageToken": "PA" + rows[page].sid}
            following = f"{API}/{self.twilio.account_sid}/Messages.json?{urlencode(more)}"
        part = rows[page * size : (page + 1) * size]
        return JSONResponse({"messages": [one.row for one in part], "next_page_uri": following, "page": page})

    def _authenticate(self, request: Request) -> None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        wanted = f"{self.twilio.account_sid}:{self.twilio.auth_token}".encode()
        try:
            is_right = scheme.lower() == "basic" and base64.b64decode(given) == wanted
        except binascii.Error:
            is_right = False
        if not is_right:
            raise Refused(401, 20003, "Authenticate")
        if request.path_params["account"] != self.twilio.account_sid:
            raise Refused(404, 20404, "The requested resource was not found")
        if self.twilio.status != "active" and request.method == "POST":
            raise Refused(403, 20005, "Account is not active")

    def _message(self, request: Request) -> Message:
        found = self.twilio.find(request.path_params["message"])
        if found is None:
            raise Refused(404, 20404, "The requested resource was not found")
        return found

    def _media(self, sid: str) -> Media:
        with self.twilio.lock:
            found = [media for message in self.twilio.messages for media in message.media if media.sid == sid]
        if not found:
            raise Refused(404, 20404, "The requested resource was not found")
        return found[0]


def _problem(refused: Refused, **headers: str) -> Response:
    return JSONResponse(
        {
            "code": refused.code,
            "message": refused.message,
            "more_info": f"https://www.twilio.com/docs/errors/{refused.code}",
            "status": refused.status,
        },
        refused.status,
        headers=headers,
    )


# Troubles in which nothing is taken.
_BEFORE: dict[Trouble | None, Callable[[], Response]] = {
    Trouble.BUSY: lambda: _problem(Refused(429, 20429, "Too Many Requests"), **{"Retry-After": "7"}),
    Trouble.BROKEN: lambda: _problem(Refused(500, 20500, "Internal Server Error")),
    Trouble.AWAY: lambda: Response("upstream connect error", 503),
    Trouble.GATEWAY: lambda: Response("<html>Bad Gateway", 502, media_type="text/html"),
    Trouble.LOST: BrokenOff,
}


def _fits(message: Message, query: dict[str, str]) -> bool:
    """Whether a message is in a list that was asked for by To, From and the day of sending."""
    if query.get("To", message.to) != message.to or query.get("From", message.sender) != message.sender:
        return False
    day = message.sent_at.date().isoformat() if message.sent_at else ""
    from_day, to_day = query.get("DateSent>", ""), query.get("DateSent<", "9999")
    return from_day <= day <= to_day and query.get("DateSent", day) == day
