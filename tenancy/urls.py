"""Addresses of the ground floor: signing in, the first run, invitations, and the workspace's own settings."""

from django.urls import URLPattern, URLResolver

app_name = "tenancy"
urlpatterns: list[URLPattern | URLResolver] = []
