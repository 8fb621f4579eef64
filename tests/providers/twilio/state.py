"""The made-up Twilio itself: one account, what customers write to its numbers, and what is sent from them.

Everything here is plain calls that may come from any thread; `app` makes the REST API of it. A person (or a test)
plays the customer with `customer_writes` and reads `thread`.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tests.providers.twilio import webhooks
from tests.providers.twilio.collecting import NotCollected, collect
from tests.providers.twilio.messages import Media, Message, Number, new_sid, now
from tests.providers.twilio.webhooks import Webhook

STOP = {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
START = {"start", "unstop", "yes"}
HELP = {"help", "info"}
REPLIES = {
    "STOP": "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe.",
    "START": "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    "HELP": "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}


class Trouble(StrEnum):
    """How the next request to send can go wrong. The last three happen once the message has been taken."""

    BUSY = "429, code 20429, try again in 7 seconds"
    BROKEN = "500, code 20500"
    AWAY = "503 of a proxy"
    GATEWAY = "502 of a proxy, which does not know either"
    LOST = "the connection breaks, and nothing was taken"
    MUTE = "no answer comes"
    DROPPED = "the connection breaks"
    GARBLED = "201, and no JSON"


class Refused(Exception):
    """A request that Twilio answers with an error code."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass
class Twilio:
    """`journey` are the statuses that every message sent goes through and that are told, in this order; one for a
    customer in `unreachable` ends as "undelivered", with that error code. `refusals` refuse a recipient with a
    code. `troubles` befall the next requests to send, one each. `tells_first` tells of a message's journey before
    the API has answered."""

    account_sid: str = field(default_factory=lambda: new_sid("AC"))
    auth_token: str = "the account's auth token"
    url: str = ""  # where its API is reached
    store_url: str = ""  # where the bytes of media are reached
    status: str = "active"
    numbers: dict[str, Number] = field(default_factory=dict)
    services: dict[str, str] = field(default_factory=dict)  # Messaging Services, each with one number
    messages: list[Message] = field(default_factory=list)
    opted_out: set[tuple[str, str]] = field(default_factory=set)  # (number, customer)
    journey: Sequence[str] = ("sent", "delivered")
    tells_first: bool = False
    has_advanced_opt_out: bool = False
    unreachable: dict[str, int] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)
    troubles: deque[Trouble] = field(default_factory=deque)
    take: Callable[[Message], None] | None = None  # is told of each message that the API takes
    pause: float = 0.0  # seconds between the statuses of a journey, so that people can watch
    post: webhooks.Post = webhooks.post
    calls: list[Webhook] = field(default_factory=list)  # the webhooks called
    store_calls: list[dict[str, str]] = field(default_factory=list)  # headers of what asked for bytes
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    closing: threading.Event = field(default_factory=threading.Event, repr=False)  # ends what is mute

    def add_number(self, number: str, sms_url: str = "", *, name: str = "") -> Number:
        """The account gets a number, or another webhook for one that it has."""
        self.numbers[number] = Number(number, sms_url, name=name)
        return self.numbers[number]

    def thread(self, number: str, customer: str) -> list[Message]:
        """What went between a number and a customer, oldest first: what the customer's phone shows."""
        with self.lock:
            return [one for one in self.messages if (one.number, one.customer) == (number, customer)]

    def find(self, sid: str) -> Message | None:
        with self.lock:
            return next((one for one in self.messages if one.sid == sid), None)

    def customer_writes(
        self,
        customer: str,
        text: str,
        *,
        to: str = "",
        media: Sequence[Media] = (),
        told: bool = True,
        **fields: str,
    ) -> Message:
        """A customer sends a message, by default to the first number; the webhook is called unless not `told`.

        `fields` are put into the webhook's form as they are.
        """
        number = to or next(iter(self.numbers))
        message = Message(
            self.account_sid,
            number,
            customer,
            text,
            "inbound",
            "received",
            media=tuple(media),
            sent_at=now(),
        )
        with self.lock:
            self.messages.append(message)
        verdict = self._mind(message)
        if told:
            form = message.arrival(self.url) | fields
            self.tell(
                message, form | ({"OptOutType": verdict} if verdict and self.has_advanced_opt_out else {})
            )
        return message

    def tell(self, message: Message, form: dict[str, str]) -> Webhook | None:
        """Call the webhook of a customer's message; None where the number has none.

        What it answers as plain text goes to the customer, as with Twilio.
        """
        address = self.numbers[message.number].sms_url
        called = self._call(address, form) if address else None
        if called and called.content_type.startswith("text/plain") and called.status < 300 and called.body:
            self._reply(message, called.body)
        return called

    def send(self, form: dict[str, str], media: Sequence[Media] = ()) -> Message:
        """A message is sent by the API. Raises Refused."""
        number = self._number(form)
        self._check(form, number, media)
        message = Message(
            self.account_sid,
            number,
            form["To"],
            form.get("Body", ""),
            "outbound-api",
            "accepted" if form.get("MessagingServiceSid") else "queued",
            media=tuple(media),
            callback=form.get("StatusCallback", ""),
            service=form.get("MessagingServiceSid", ""),
        )
        with self.lock:
            self.messages.append(message)
        if self.take:
            self.take(message)
        return message

    def travel(self, message: Message) -> None:
        """A message that was sent goes its way, and what becomes of it is told. Its files are fetched first."""
        try:
            collect(message.media)
        except NotCollected as error:
            self.report(message, "failed", error.code)
            return
        code = self.unreachable.get(message.customer)
        journey = [*self.journey[:1], "undelivered"] if code else self.journey
        for status in journey:
            time.sleep(self.pause)
            self.report(message, status, code if status == "undelivered" else None)

    def report(self, message: Message, status: str, error_code: int | None = None) -> Webhook | None:
        """A message becomes `status`; its callback is called, if it has one."""
        message.status, message.error_code = status, error_code
        message.sent_at = message.sent_at or now()
        return self._call(message.callback, message.report(status)) if message.callback else None

    def _call(self, address: str, form: dict[str, str]) -> Webhook:
        called = webhooks.call(address, form, token=self.auth_token, post=self.post)
        self.calls.append(called)
        return called

    def _mind(self, message: Message) -> str:
        """Stop or start sending to a customer who says so, and answer; returns STOP, START, HELP or nothing."""
        word, key = message.body.strip().lower(), (message.number, message.customer)
        if word in STOP:
            verdict, is_news = "STOP", key not in self.opted_out
            self.opted_out.add(key)
        elif word in START:
            verdict, is_news = "START", key in self.opted_out
            self.opted_out.discard(key)
        else:
            verdict, is_news = ("HELP", True) if word in HELP else ("", False)
        if is_news:
            self._reply(message, REPLIES[verdict])
        return verdict

    def _reply(self, message: Message, text: str) -> None:
        reply = Message(
            self.account_sid,
            message.number,
            message.customer,
            text,
            "outbound-reply",
            "delivered",
            sent_at=now(),
        )
        with self.lock:
            self.messages.append(reply)

    def _number(self, form: dict[str, str]) -> str:
        """The number that a message leaves from. Raises Refused."""
        if service := form.get("MessagingServiceSid"):
            if service not in self.services:
                raise Refused(404, 21701, "The Messaging Service does not exist")
            return self.services[service]
        if not form.get("From"):
            raise Refused(400, 21603, "A 'From' phone number is required.")
        if form["From"] not in self.numbers:
            raise Refused(
                400, 21659, f"'{form['From']}' is not a Twilio phone number or Short Code country mismatch"
            )
        if not self.numbers[form["From"]].can_text:
            raise Refused(400, 21606, "The 'From' phone number is not a valid, message-capable Twilio number")
        return form["From"]

    def _check(self, form: dict[str, str], number: str, media: Sequence[Media]) -> None:
        to, body = form.get("To", ""), form.get("Body", "")
        if not (to.startswith("+") and to[1:].isdecimal() and 8 <= len(to) <= 16):
            raise Refused(400, 21211, f"Invalid 'To' Phone Number: {to}")
        if to == number:
            raise Refused(400, 21266, "'To' and 'From' number cannot be the same")
        if code := self.refusals.get(to):
            raise Refused(400, code, f"Message cannot be sent to {to}")
        if not body and not media:
            raise Refused(400, 21619, "A text message body or media urls must be specified.")
        if len(body) > 1600:
            raise Refused(400, 21617, "The concatenated message body exceeds the 1600 character limit")
        if any(not file.source.startswith(("http://", "https://")) for file in media):
            raise Refused(400, 21620, "Media urls are invalid. Please use only valid http and https urls")
        if len(media) > 10:
            raise Refused(400, 21623, "Number of media files exceeds allowed limit")
        if (number, to) in self.opted_out:
            raise Refused(400, 21610, "Attempt to send to unsubscribed recipient")
