"""A page of the demo's shop, on which its chat can be tried: at /demo/widget/, and only where there is a demo."""

import hmac

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from conversations.models import Channel
from conversations.services.channels import open_secrets
from omnidesk.demo.filling import WORKSPACE
from omnidesk.demo.office import BRANDS
from tenancy.models import Workspace
from tenancy.scope import scope

ROSA = {"id": "8812", "name": "Rosa Almeida", "email": "rosa.almeida@post.example"}


@require_safe
def shop(request: HttpRequest) -> HttpResponse:
    """One product with the chat beside it; with `?as=rosa` the shop has signed its customer Rosa in."""
    if not settings.DEMO:
        raise Http404
    workspace = get_object_or_404(Workspace, slug=WORKSPACE)
    brand, _ = BRANDS["shop"]
    with scope(workspace.pk):
        channels = Channel.objects.filter(kind="chat", brand__name=brand, archived_at=None)
        secrets, token = open_secrets(get_object_or_404(channels.order_by("id")[:1]))
    secret = secrets.get("identity_secret", "")
    user = signed(secret) if secret and request.GET.get("as") == "rosa" else None
    context = {"brand": brand, "token": token, "user": user, "can_sign_in": bool(secret)}
    return render(request, "omnidesk/demo_shop.html", context)


def signed(secret: str) -> dict[str, str]:
    """What the shop's server says of Rosa, with its signatures."""
    texts = {"hash": ROSA["id"], "email_hash": f"{ROSA['id']}\n{ROSA['email']}"}
    return ROSA | {
        name: hmac.new(secret.encode(), text.encode(), "sha256").hexdigest() for name, text in texts.items()
    }
