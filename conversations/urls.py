"""Addresses of the inbox and of the timelines."""

from django.urls import include, path

from conversations import tool_urls
from conversations.views import (
    brands,
    compose,
    deliveries,
    drafts,
    effort,
    inbox,
    moves,
    sides,
    thread,
    timelines,
    viewers,
    work,
)

app_name = "conversations"

_inbox, _one = "w/<slug:slug>/inbox/", "w/<slug:slug>/inbox/<int:number>/"
_contact, _account = "w/<slug:slug>/contacts/<int:pk>/", "w/<slug:slug>/accounts/<int:pk>/"

urlpatterns = [
    path("", include(tool_urls.urlpatterns)),
    path(_inbox, inbox.inbox, name="inbox"),
    path(f"{_inbox}rows/", inbox.rows, name="rows"),
    path(f"{_inbox}views/", inbox.views, name="views"),
    path(_one, inbox.conversation, name="conversation"),
    path(f"{_one}entries/", thread.entries, name="entries"),
    path(f"{_one}reply/", compose.reply, name="reply"),
    path(f"{_one}reply/by/", compose.reply_by, name="reply_by"),
    path(f"{_one}draft/", drafts.draft, name="draft"),
    path(f"{_one}notes/", compose.note, name="note"),
    path(f"{_one}sides/new/", sides.new_side, name="new_side"),
    path(f"{_one}assignment/", work.assignment, name="assignment"),
    path(f"{_one}take/", work.take, name="take"),
    path(f"{_one}resolution/", work.resolution, name="resolution"),
    path(f"{_one}reopening/", work.reopening, name="reopening"),
    path(f"{_one}pending/", work.pending, name="pending"),
    path(f"{_one}snooze/", work.snooze, name="snooze"),
    path(f"{_one}priority/", work.priority, name="priority"),
    path(f"{_one}due/", work.due, name="due"),
    path(f"{_one}labels/", work.labels, name="labels"),
    path(f"{_one}attributes/<int:pk>/", work.attribute, name="attribute"),
    path(f"{_one}spam/", work.spam, name="spam"),
    path(f"{_one}spam/removal/", work.not_spam, name="not_spam"),
    path(f"{_one}subject/", work.subject, name="subject"),
    path(f"{_one}seen/", work.seen, name="seen"),
    path(f"{_one}viewers/", viewers.viewers, name="viewers"),
    path(f"{_one}effort/", effort.effort, name="effort"),
    path(f"{_one}entries/<int:pk>/move/", moves.move, name="move"),
    path(f"{_one}entries/<int:pk>/split/", moves.split, name="split"),
    path(f"{_one}entries/<int:pk>/other-matter/", moves.other_matter, name="other_matter"),
    path("w/<slug:slug>/moves/<int:pk>/undo/", moves.undo, name="undo_move"),
    path("w/<slug:slug>/entries/<int:pk>/", moves.entry, name="entry"),
    path("w/<slug:slug>/entries/<int:pk>/html/", thread.entry_html, name="entry_html"),
    path("w/<slug:slug>/entries/<int:pk>/undo/", compose.undo_send, name="undo_send"),
    path("w/<slug:slug>/entries/<int:pk>/sending/", compose.send_now, name="send_now"),
    path("w/<slug:slug>/emoji/", drafts.emoji, name="emoji"),
    path("w/<slug:slug>/uploads/", drafts.uploads, name="uploads"),
    path("w/<slug:slug>/attachments/<int:pk>/", thread.attachment, name="attachment"),
    path("w/<slug:slug>/deliveries/<int:pk>/retry/", deliveries.retry, name="retry"),
    path("w/<slug:slug>/deliveries/<int:pk>/outcome/", deliveries.outcome, name="outcome"),
    path("w/<slug:slug>/deliveries/<int:pk>/ways/", deliveries.ways, name="other_ways"),
    path("w/<slug:slug>/deliveries/<int:pk>/elsewhere/", deliveries.elsewhere, name="elsewhere"),
    path("w/<slug:slug>/settings/brands/", brands.brands, name="brands"),
    path("w/<slug:slug>/settings/brands/<int:pk>/", brands.brand, name="brand"),
    path(_contact, timelines.contact, name="contact"),
    path(f"{_contact}timeline/", timelines.contact_timeline, name="contact_timeline"),
    path(f"{_contact}card/", timelines.contact_card, name="contact_card"),
    path(f"{_contact}conversations/new/", compose.new_conversation, name="new"),
    path(_account, timelines.account, name="account"),
    path(f"{_account}page/notes/", timelines.account_notes, name="account_notes"),
    path(f"{_account}timeline/", timelines.account_timeline, name="account_timeline"),
]
