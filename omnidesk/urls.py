"""Every address of the installation."""

from django.urls import URLPattern, URLResolver, include, path

from omnidesk import health
from omnidesk.demo.shop import shop

handler400 = "omnidesk.errors.bad_request"
handler403 = "omnidesk.errors.forbidden"
handler404 = "omnidesk.errors.not_found"
handler429 = "omnidesk.errors.too_often"  # django-allauth looks for it here
handler500 = "omnidesk.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("django_prometheus.urls")),
    path("demo/widget/", shop, name="demo_shop"),
    path("api/v1/", include("omnidesk.api")),
    path("", include("channels_ingest.urls")),
    path("", include("conversations.urls")),
    path("", include("contacts.urls")),
    path("accounts/", include("tenancy.sign_in")),
    path("", include("tenancy.urls")),
]
