"""Every address of the installation."""

from django.urls import URLPattern, URLResolver, include, path

from omnidesk import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("", include("django_prometheus.urls")),
    path("api/v1/", include("omnidesk.api")),
    path("", include("channels_ingest.urls")),
    path("", include("conversations.urls")),
    path("", include("contacts.urls")),
    path("accounts/", include("tenancy.sign_in")),
    path("", include("tenancy.urls")),
]
