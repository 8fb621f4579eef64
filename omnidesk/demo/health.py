"""When channels and contacts were last heard of, and a channel that has trouble."""

from datetime import timedelta

from django.db.models import Max

from contacts.models import Contact
from conversations.models import Channel, Entry
from conversations.services.channels import SENDING
from omnidesk.demo.office import Office

AILING = "messenger"
EXPIRED = f"{SENDING}: 401 OAuthException 190: the access token has expired. Connect the page again."


def note(office: Office) -> None:
    """Put down what the services note of each message as it passes."""
    told = Entry.objects.filter(channel__in=list(office.channels.values())).order_by()
    came, went = told.filter(direction=Entry.Direction.IN), told.filter(direction=Entry.Direction.OUT)
    received = dict(came.values_list("channel").annotate(Max("at")))
    sent = dict(went.values_list("channel").annotate(Max("at")))
    for key, channel in office.channels.items():
        channel.last_received_at, channel.last_sent_at = received.get(channel.pk), sent.get(channel.pk)
        if key == AILING:
            channel.last_error, channel.last_error_at = EXPIRED, office.now - timedelta(hours=2)
    health = ["last_received_at", "last_sent_at", "last_error", "last_error_at"]
    Channel.objects.bulk_update(office.channels.values(), health)
    seen = dict(came.values_list("contact").annotate(Max("at")))
    contacts = [Contact(pk=contact, last_seen_at=at) for contact, at in seen.items()]
    Contact.objects.bulk_update(contacts, ["last_seen_at"])
