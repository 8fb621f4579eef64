"""A Twilio made up for tests and demos: its API, its signed webhooks, its errors and oddities."""

from tests.providers.twilio.app import application
from tests.providers.twilio.messages import Media, Message, Number
from tests.providers.twilio.server import TwilioServer, serve, twilio_server
from tests.providers.twilio.state import Trouble, Twilio
from tests.providers.twilio.webhooks import Webhook, signature

__all__ = [
    "Media",
    "Message",
    "Number",
    "Trouble",
    "Twilio",
    "TwilioServer",
    "Webhook",
    "application",
    "serve",
    "signature",
    "twilio_server",
]
