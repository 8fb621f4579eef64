"""Tables of conversations: the channel, the matter, the timeline, the sending."""

from conversations.models.bulk import Bulk, BulkItem
from conversations.models.canned import CannedReply
from conversations.models.channel import Channel
from conversations.models.conversation import Conversation, ConversationLabel, Label, Participant, Seen
from conversations.models.counter import CountDelta
from conversations.models.delivery import Delivery, DeliveryAlias, OptOut
from conversations.models.draft import KeptDraft
from conversations.models.effort import Effort, EffortClock
from conversations.models.entry import Attachment, Entry, EntryBody, Mention, ThreadKey, TimelineRef
from conversations.models.macro import Macro
from conversations.models.notice import Follower, Notice
from conversations.models.reaction import Reaction
from conversations.models.view import SavedView

__all__ = [
    "Attachment",
    "Bulk",
    "BulkItem",
    "CannedReply",
    "Channel",
    "Conversation",
    "ConversationLabel",
    "CountDelta",
    "Delivery",
    "DeliveryAlias",
    "Effort",
    "EffortClock",
    "Entry",
    "EntryBody",
    "Follower",
    "KeptDraft",
    "Label",
    "Macro",
    "Mention",
    "Notice",
    "OptOut",
    "Participant",
    "Reaction",
    "SavedView",
    "Seen",
    "ThreadKey",
    "TimelineRef",
]
