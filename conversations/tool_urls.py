"""Addresses of canned replies and macros: their settings, and their use in a conversation."""

from django.urls import path

from conversations.views import canned, macros, runs, sayings

_one = "w/<slug:slug>/inbox/<int:number>/"
_canned, _macros = "w/<slug:slug>/settings/canned-replies/", "w/<slug:slug>/settings/macros/"

urlpatterns = [
    path(f"{_one}canned-replies/", sayings.canned, name="canned_in"),
    path(f"{_one}canned-replies/<int:pk>/insertions/", sayings.insertions, name="canned_insertions"),
    path(f"{_one}macros/", runs.macros, name="run_macros"),
    path(f"{_one}macros/<int:pk>/", runs.macro, name="run_macro"),
    path(f"{_one}macros/<int:pk>/runs/", runs.runs, name="macro_runs"),
    path("w/<slug:slug>/macro-runs/<int:pk>/undo/", runs.undo, name="undo_macro"),
    path(_canned, canned.canned_replies, name="canned_reply_list"),
    path(f"{_canned}sheet/", canned.sheet, name="canned_sheet"),
    path(f"{_canned}sheet/import/", canned.sheet_import, name="canned_sheet_import"),
    path(f"{_canned}new/", canned.new, name="new_canned_reply"),
    path(f"{_canned}<int:pk>/", canned.canned_reply, name="canned_reply"),
    path(f"{_canned}<int:pk>/archival/", canned.archive, name="canned_reply_archival"),
    path(f"{_canned}<int:pk>/return/", canned.take_back, name="canned_reply_return"),
    path(_macros, macros.macros, name="macro_list"),
    path(f"{_macros}new/", macros.new, name="new_macro"),
    path(f"{_macros}<int:pk>/", macros.macro, name="macro"),
    path(f"{_macros}<int:pk>/archival/", macros.archive, name="macro_archival"),
    path(f"{_macros}<int:pk>/return/", macros.take_back, name="macro_return"),
]
