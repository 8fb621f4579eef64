"""Addresses of webhooks, and of the settings pages of channels and of the inbound ledger."""

from django.urls import path

from channels_ingest.views import hooks

app_name = "channels_ingest"

urlpatterns = [
    path("hooks/<str:provider>/<str:token>/", hooks.hook, name="hook"),
]
