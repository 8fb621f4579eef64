"""Who asks, and whether they may: bearer tokens with scopes, within their member's role."""

from typing import TYPE_CHECKING, Any, NamedTuple

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from tenancy.models import ApiToken, Member, Role

if TYPE_CHECKING:  # views load the settings, which name this module
    from rest_framework.views import APIView


class Needs(NamedTuple):
    """What a request must bring: a scope of its token, and a role of the token's member."""

    scope: str
    role: Role


READ = Needs("read", Role.AGENT)
WRITE = Needs("write", Role.AGENT)
ADMIN = Needs("admin", Role.ADMIN)


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>` and nothing else: no cookie opens the API, so no page can abuse one.

    ApiMiddleware has looked the token up and opened its workspace's scope.
    """

    def authenticate(self, request: Request) -> tuple[Member, ApiToken] | None:
        token: ApiToken | None = getattr(request._request, "api_token", None)
        if token is not None:
            return token.member, token
        if get_authorization_header(request):
            raise AuthenticationFailed("This token is not, or no longer, good.")
        return None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class HasScope(BasePermission):
    """The token has the scope, and its member the role, that the resource needs for reading or for writing."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        token = request.auth
        if not isinstance(token, ApiToken):
            return False
        needs = needs_of(view, request.method or "")
        if needs.scope not in token.scopes:
            raise PermissionDenied(f"This needs a token with the scope “{needs.scope}”.")
        if not token.member.may(needs.role):
            raise PermissionDenied(f"This needs a member with the role “{needs.role}”.")
        return True


def needs_of(view: Any, method: str) -> Needs:
    """What a view wants to see for a method."""
    needs: Needs = view.reading if method in SAFE_METHODS else view.writing
    return needs
