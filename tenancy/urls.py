"""Addresses of the ground floor: the way in, and the workspace's own settings."""

from django.urls import include, path

from tenancy.views import audit, gate, members, profile, teams, tokens

app_name = "tenancy"
settings = [
    path("members/", members.people, name="members"),
    path("members/<int:pk>/role/", members.set_role, name="member_role"),
    path("members/<int:pk>/archival/", members.archive, name="member_archival"),
    path("members/<int:pk>/return/", members.bring_back, name="member_return"),
    path("members/invitations/", members.invite, name="invitations"),
    path("members/invitations/<int:pk>/revocation/", members.revoke, name="invitation_revocation"),
    path("teams/", teams.team_list, name="teams"),
    path("teams/<int:pk>/", teams.team, name="team"),
    path("teams/<int:pk>/archival/", teams.archive, name="team_archival"),
    path("teams/<int:pk>/return/", teams.bring_back, name="team_return"),
    path("audit/", audit.audit, name="audit"),
    path("tokens/", tokens.token_list, name="tokens"),
    path("tokens/<int:pk>/revocation/", tokens.revoke, name="token_revocation"),
    path("profile/", profile.profile, name="profile"),
    path("profile/preferences/", profile.preferences, name="preferences"),
    path("profile/password/", profile.password, name="password"),
]
urlpatterns = [
    path("", gate.home, name="home"),
    path("setup/", gate.setup, name="setup"),
    path("invitations/<str:secret>/", gate.invitation, name="invitation"),
    path("w/<slug:slug>/settings/", include(settings)),
]
