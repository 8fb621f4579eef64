"""Writing first: to a contact on any way that reaches them, and choosing or making the contact."""

from collections.abc import Sequence
from functools import partial
from secrets import token_hex
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from contacts import queries as people
from contacts.addresses import normalise, reachable_kind
from contacts.models import Contact, Identity
from contacts.services.people import create_contact
from conversations.forms import StartForm
from conversations.models import Attachment, Channel, Conversation, Delivery, Entry
from conversations.queries import compose
from conversations.services import once
from conversations.services.files import upload, waiting
from conversations.services.reply import CannotReply, Draft
from conversations.services.start import start
from conversations.signatures import signature_of
from conversations.views.acts import address, go
from conversations.views.panes import Copies
from conversations.worries import worry
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Role

FOUND = 10  # contacts that are offered


@needs(Role.AGENT)
def new_to(request: WorkspaceRequest) -> HttpResponse:
    """Choose whom to write to, by how a name or an address begins. Posted, a typed address or number becomes a
    contact of its own, unless it is somebody's."""
    typed = (request.POST.get("q") or request.GET.get("q", "")).strip()[:320]
    kind = reachable_kind(typed)
    if request.method == "POST" and kind is not None:
        return redirect(address(request, "new", _holder(kind, typed, request.POST.get("name", "")).pk))
    context = {"search": typed, "page": people.contacts_page(search=_begins(typed), size=FOUND), "kind": kind}
    template = "conversations/_new_to.html" if request.htmx else "conversations/new_to.html"
    return render(request, template, context, status=422 if request.method == "POST" else 200)


@needs(Role.AGENT)
def new_conversation(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Write to a contact first."""
    contact = get_object_or_404(Contact, pk=pk)
    offer = compose.offer(contact, first=_used_last(contact))
    form = StartForm(request.POST or None, request.FILES or None, offer=offer)
    is_valid = request.method == "POST" and form.is_valid()
    found = worry(form.cleaned_data, asked=request.POST.getlist("asked")) if is_valid else ""
    if is_valid and not found:
        try:
            with transaction.atomic():
                entry = _started(request, contact, form)
        except (CannotReply, ValidationError) as error:
            form.add_error(None, error.messages if isinstance(error, ValidationError) else str(error))
        else:
            return _on_its_way(request, contact, entry)
    brands = compose.signed_brands().read()
    context = {
        "contact": contact,
        "is_new": True,
        "writer": token_hex(8),
        # What the composer's parts ask of a conversation.
        "conversation": {"contact_id": contact.pk, "parent": None},
        "ways": offer.ways,
        "closed": offer.closed,
        "chosen": _chosen(offer.ways, form),
        "form": form,
        "mine": {"draft": _typed(form), "files": _waiting(request, form)},
        "copies": Copies((), _listed(request, "cc")),
        "bcc": _listed(request, "bcc"),
        "worry": found,
        "signatures": [(brand.pk, signature_of(brand, request.member)) for brand in brands],
    }
    status = 422 if form.errors else 409 if found else 200
    return render(request, "conversations/new.html", context, status=status)


def _used_last(contact: Contact) -> Channel | None:
    """The channel on which something was said last with a contact."""
    rows = Conversation.objects.filter(contact=contact, kind=Conversation.Kind.CUSTOMER)
    last = rows.select_related("last_channel").order_by("-last_at", "-id").first()
    return last.last_channel if last else None


def _holder(kind: Any, typed: str, name: str) -> Contact:
    """Whose an address is; a new contact's, where it is nobody's."""
    value = normalise(kind, typed)
    held = (
        Identity.objects.filter(kind=kind, scope="", value=value, holds=True)
        .select_related("contact")
        .first()
    )
    if held is not None:
        return held.contact
    return create_contact(name=name.strip() or typed, addresses=[(kind, typed)])


def _begins(typed: str) -> str:
    """A number as it is kept, however it was typed."""
    digits = "".join(letter for letter in typed if letter.isdigit())
    return f"+{digits}" if typed.startswith("+") and digits else typed


def _started(request: WorkspaceRequest, contact: Contact, form: StartForm) -> Entry:
    """The first message of a new conversation, also where it was sent before. Raises as `_start`."""
    Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)
    known = Conversation.objects.filter(contact=contact)
    write = partial(_start, request, contact, form)
    return once.begin(among=known, member=request.member, sent=request.POST, write=write)


def _start(request: WorkspaceRequest, contact: Contact, form: StartForm) -> Entry:
    """The first message of a new conversation. Raises CannotReply and ValidationError."""
    data = form.cleaned_data
    before = waiting(data["attachments"], member=request.member)
    draft = Draft(
        data["text"],
        html=data["html"],
        to=data["way"].identity,
        cc=data["cc"],
        bcc=data["bcc"],
        attachments=[*before, *(upload(file, member=request.member) for file in data["uploads"])],
    )
    way = data["way"]
    return start(
        contact=contact, channel=way.channel, subject=data["subject"], draft=draft, member=request.member
    )


def _on_its_way(request: WorkspaceRequest, contact: Contact, entry: Entry) -> HttpResponse:
    assert entry.conversation is not None
    is_held = Delivery.objects.filter(entry=entry, status=Delivery.Status.HELD).exists()
    undo = address(request, "undo_send", entry.pk) if is_held else ""
    messages.success(request, _("Message to %(name)s is on its way") % {"name": contact}, extra_tags=undo)
    return go(request, address(request, "conversation", entry.conversation.number))


def _typed(form: StartForm) -> dict[str, Any]:
    return {name: form[name].value() or "" for name in ("text", "html")}


def _listed(request: WorkspaceRequest, name: str) -> str:
    """Addresses as they were typed."""
    return ", ".join(request.POST.getlist(name))


def _waiting(request: WorkspaceRequest, form: StartForm) -> list[Attachment]:
    """The uploads that stand in a form which has to be looked at again."""
    if not form.is_bound:
        return []
    ids = form.cleaned_data.get("attachments", [])
    return list(Attachment.objects.filter(pk__in=ids, entry=None, member=request.member))


def _chosen(ways: Sequence[compose.Way], form: StartForm) -> compose.Way | None:
    asked = form.data.get("way")
    return next((way for way in ways if way.key == asked), ways[0] if ways else None)
