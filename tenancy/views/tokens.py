"""API tokens: everybody's own; an admin sees and ends those of others too."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tenancy.access import WorkspaceRequest, needs
from tenancy.forms import TokenForm
from tenancy.models import ApiToken, Role
from tenancy.services import tokens


@needs(Role.AGENT)
@require_http_methods(["GET", "HEAD", "POST"])
def token_list(request: WorkspaceRequest) -> HttpResponse:
    """The tokens in use; posting makes one, whose text is shown this once."""
    form = TokenForm(request.POST or None)
    if not form.is_valid():
        return _page(request, form, status=422 if form.is_bound else 200)
    said = form.cleaned_data
    _token, text = tokens.create(
        member=request.member, name=said["name"], scopes=said["scopes"], request=request
    )
    return _page(request, TokenForm(), text=text)


@needs(Role.AGENT)
@require_POST
def revoke(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """End a token."""
    token = get_object_or_404(_tokens(request), pk=pk)
    tokens.revoke(token=token, by=request.member, request=request)
    messages.success(request, _("The token “%(name)s” is revoked.") % {"name": token.name})
    return redirect("tenancy:tokens", slug=request.workspace.slug)


def _tokens(request: WorkspaceRequest) -> QuerySet[ApiToken]:
    """The tokens that the member may see."""
    found = ApiToken.objects.select_related("member").filter(revoked_at=None).order_by("-created_at", "-pk")
    return found if request.member.may(Role.ADMIN) else found.filter(member=request.member)


def _page(request: WorkspaceRequest, form: TokenForm, *, status: int = 200, text: str = "") -> HttpResponse:
    facts = {"form": form, "tokens": _tokens(request), "text": text}
    return render(request, "tenancy/tokens.html", facts, status=status)
