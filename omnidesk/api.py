"""The REST API: every app's resources under /api/v1/, and the document that describes them."""

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from channels_ingest.api import ChannelResource, InboundEventResource
from contacts.api.accounts import AccountResource
from contacts.api.affiliations import AffiliationResource
from contacts.api.attributes import AttributeResource
from contacts.api.contacts import ContactResource
from contacts.api.identities import IdentityResource
from contacts.api.notes import AccountNotes, ContactNotes
from conversations.api.attachments import AttachmentResource
from conversations.api.brands import BrandResource
from conversations.api.bulk import BulkResource
from conversations.api.conversations import ConversationEntries, ConversationResource
from conversations.api.deliveries import DeliveryResource
from conversations.api.drafts import DraftResource
from conversations.api.entries import EntryResource
from conversations.api.labels import LabelResource
from conversations.api.moves import Moves
from conversations.api.notices import NoticeResource
from conversations.api.runs import CannedReplyInConversation, MacroInConversation
from conversations.api.search import SearchResource
from conversations.api.sides import ConversationSides
from conversations.api.timelines import AccountTimeline, ContactTimeline
from conversations.api.together import FollowersResource, ViewersResource
from conversations.api.tools import CannedReplyResource, MacroResource
from conversations.api.views import ViewResource
from omnidesk import api_docs
from tenancy.api.members import MemberResource
from tenancy.api.preferences import PreferencesResource
from tenancy.api.teams import TeamResource

app_name = "api"

router = SimpleRouter(use_regex_path=False)
router.register("attributes", AttributeResource, "attribute")
router.register("accounts", AccountResource, "account")
router.register("contacts", ContactResource, "contact")
router.register("contacts/<int:contact>/identities", IdentityResource, "identity")
router.register("contacts/<int:contact>/notes", ContactNotes, "contact-note")
router.register("accounts/<int:account>/notes", AccountNotes, "account-note")
router.register("contacts/<int:contact>/affiliations", AffiliationResource, "affiliation")
router.register("conversations", ConversationResource, "conversation")
router.register("entries", EntryResource, "entry")
router.register("drafts", DraftResource, "draft")
router.register("attachments", AttachmentResource, "attachment")
router.register("labels", LabelResource, "label")
router.register("canned-replies", CannedReplyResource, "canned-reply")
router.register("macros", MacroResource, "macro")
router.register("views", ViewResource, "view")
router.register("deliveries", DeliveryResource, "delivery")
router.register("channels", ChannelResource, "channel")
router.register("inbound-events", InboundEventResource, "inbound-event")
router.register("brands", BrandResource, "brand")
router.register("members", MemberResource, "member")
router.register("teams", TeamResource, "team")
router.register("notices", NoticeResource, "notice")


urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/<int:id>/timeline/", AccountTimeline.as_view({"get": "list"}), name="account-timeline"),
    path("contacts/<int:id>/timeline/", ContactTimeline.as_view({"get": "list"}), name="contact-timeline"),
    path(
        "conversations/<int:number>/entries/",
        ConversationEntries.as_view({"get": "list", "post": "create"}),
        name="conversation-entries",
    ),
    path(
        "conversations/<int:number>/sides/",
        ConversationSides.as_view({"get": "list", "post": "create"}),
        name="conversation-sides",
    ),
    path("conversations/bulk/", BulkResource.as_view({"post": "create"}), name="bulk"),
    path("conversations/bulk/<int:id>/", BulkResource.as_view({"get": "retrieve"}), name="bulk-detail"),
    path("conversations/bulk/<int:id>/undo/", BulkResource.as_view({"post": "undo"}), name="bulk-undo"),
    path("conversations/<int:number>/moves/", Moves.as_view({"post": "move"}), name="moves"),
    path(
        "conversations/<int:number>/canned-replies/<int:id>/",
        CannedReplyInConversation.as_view({"get": "retrieve"}),
        name="conversation-canned-reply",
    ),
    path(
        "conversations/<int:number>/macros/<int:id>/",
        MacroInConversation.as_view({"get": "retrieve"}),
        name="conversation-macro",
    ),
    path(
        "conversations/<int:number>/macros/<int:id>/runs/",
        MacroInConversation.as_view({"post": "run"}),
        name="macro-runs",
    ),
    path("conversations/<int:number>/splits/", Moves.as_view({"post": "split"}), name="splits"),
    path(
        "conversations/<int:number>/followers/",
        FollowersResource.as_view({"get": "get", "post": "follow", "delete": "unfollow"}),
        name="followers",
    ),
    path("conversations/<int:number>/viewers/", ViewersResource.as_view({"get": "get"}), name="viewers"),
    path(
        "members/me/preferences/",
        PreferencesResource.as_view({"get": "get", "patch": "change"}),
        name="preferences",
    ),
    path("search/", SearchResource.as_view({"get": "find"}), name="search"),
    path("schema/", api_docs.schema, name="schema"),
    path("docs/", api_docs.docs, name="docs"),
    path("", include(router.urls)),
]
