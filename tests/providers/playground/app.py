"""The page on which a person plays the customer, beside the API of the made-up Twilio."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from tests.providers import twilio
from tests.providers.playground.post import Post
from tests.providers.twilio import Media, Message, Twilio

HERE = Path(__file__).parent
FILES = {"": "page.html", "page.css": "page.css", "page.js": "page.js"}


@dataclass
class Playground:
    """What `manage.py demo_providers` told, and the providers made of it."""

    told: dict[str, Any]
    twilio: Twilio
    post: Post

    def application(self) -> Starlette:
        """The page, what it asks for, and Twilio's API under /twilio."""
        pages = [Route(f"/{path}", _file(name)) for path, name in FILES.items()]
        return Starlette(
            routes=[
                *pages,
                Route("/state", self.state),
                Route("/text", self.text, methods=["POST"]),
                Route("/mail", self.mail, methods=["POST"]),
                Mount("/twilio", twilio.application(self.twilio)),
            ]
        )

    async def state(self, request: Request) -> Response:
        """All that the page shows."""
        with self.twilio.lock:
            texts = [_text(message) for message in self.twilio.messages]
        return JSONResponse(
            {
                "desk": self.told["desk"],
                "people": self.told["people"],
                "numbers": self.told["twilio"]["numbers"],
                "mailboxes": self.told["mail"]["mailboxes"],
                "texts": texts,
                "mails": [letter.shown() for letter in self.post.letters],
            }
        )

    async def text(self, request: Request) -> Response:
        """The customer sends a text message."""
        form = await request.form()
        upload = await _upload(form)
        media = [Media(upload[1], upload[2], upload[0])] if upload else []

        def write() -> None:
            words = str(form.get("body", ""))
            self.twilio.customer_writes(str(form["from"]), words, to=str(form["to"]), media=media)

        await run_sync(write)
        called = self.twilio.calls[-1]
        return Response(status_code=204) if called.status < 300 else _refused(called.status)

    async def mail(self, request: Request) -> Response:
        """The customer sends a mail."""
        form = await request.form()
        upload = await _upload(form)
        answers = str(form.get("answers", ""))
        try:
            await self.post.write(
                name=str(form["name"]),
                sender=str(form["from"]),
                to=str(form["to"]),
                subject=str(form["subject"]),
                text=str(form["text"]),
                answers=int(answers) if answers else None,
                file=upload[:2] if upload else None,
            )
        except httpx.HTTPStatusError as error:
            return _refused(error.response.status_code)
        except httpx.HTTPError as error:
            return PlainTextResponse(f"The desk does not answer: {error}", 502)
        return Response(status_code=204)


def _file(name: str) -> Any:
    async def answer(request: Request) -> Response:
        return FileResponse(HERE / name)

    return answer


def _refused(status: int) -> Response:
    return PlainTextResponse(f"The desk refused it: {status}", 502)


async def _upload(form: FormData) -> tuple[str, bytes, str] | None:
    """Name, content and type of the file that came with a form."""
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return None
    return file.filename, await file.read(), file.content_type or "application/octet-stream"


def _text(message: Message) -> dict[str, Any]:
    return {
        "person": message.customer,
        "ours": not message.is_inbound,
        "text": message.body,
        "status": "" if message.is_inbound else message.status,
        "at": message.at.isoformat(),
        "media": [media.name or media.content_type for media in message.media],
        # The address of each picture, from this page.
        "pictures": [
            f"twilio/store/{media.sid}" for media in message.media if media.content_type.startswith("image/")
        ],
    }
