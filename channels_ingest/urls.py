"""Addresses of webhooks, and of the settings pages of channels and of the inbound ledger."""

from django.urls import include, path

from channels_ingest.views import channels, files, hooks, ledger, lent, presence, setup, widget

app_name = "channels_ingest"

settings = [
    path("channels/", channels.channel_list, name="channels"),
    path("channels/new/<str:kind>/", setup.new, name="new_channel"),
    path("channels/new/<str:kind>/check/", setup.check_new, name="new_channel_check"),
    path("channels/<int:pk>/", channels.channel, name="channel"),
    path("channels/<int:pk>/edit/", setup.edit, name="channel_edit"),
    path("channels/<int:pk>/check/", setup.check, name="channel_check"),
    path("channels/<int:pk>/setup/", setup.steps, name="channel_setup"),
    path("channels/<int:pk>/setup/checks/", setup.checks, name="channel_checks"),
    path("channels/<int:pk>/identity/", setup.identity, name="channel_identity"),
    path("channels/<int:pk>/missed/", channels.missed, name="channel_missed"),
    path("channels/<int:pk>/token/", channels.token, name="channel_token"),
    path("channels/<int:pk>/archival/", channels.archival, name="channel_archival"),
    path("inbound/", ledger.events, name="events"),
    path("inbound/replay/", ledger.failed_again, name="failed_again"),
    path("inbound/<int:pk>/", ledger.event, name="event"),
    path("inbound/<int:pk>/raw/", ledger.raw, name="event_raw"),
    path("inbound/<int:pk>/replay/", ledger.again, name="event_again"),
]
urlpatterns = [
    path("hooks/<str:provider>/<str:token>/", hooks.hook, name="hook"),
    path("widget/<str:token>.js", widget.script, name="widget_script"),
    path("widget/<str:token>/", widget.frames, name="widget"),
    path("files/<str:signed>/", lent.file, name="lent_file"),
    path("w/<slug:slug>/settings/", include(settings)),
    path("w/<slug:slug>/entries/<int:pk>/original/", ledger.original, name="original"),
    path("w/<slug:slug>/inbox/<int:number>/presence/", presence.presence, name="presence"),
    path("w/<slug:slug>/inbox/<int:number>/typing/", presence.typing, name="typing"),
    path("w/<slug:slug>/files/<int:pk>/again/", files.again, name="file_again"),
]
