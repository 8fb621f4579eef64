"""API tokens and what leads to them."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tenancy.models import ApiToken, AuditEntry, Locator, Member, User
from tenancy.scope import scope
from tenancy.services import locators, members, tokens


def test_a_token_leads_to_its_row_and_is_stored_as_a_digest(member, in_scope):
    token, text = tokens.create(member=member, name="export", scopes=["read"])
    assert text.startswith(f"omni_{token.prefix}_")
    assert tokens.resolve(text) == locators.Found(in_scope.pk, token.pk)
    assert Locator.objects.get(kind="api").key == locators.digest(text)
    assert text not in str(AuditEntry.objects.values_list("target", "data"))
    assert token.scopes == ["read"]


@pytest.mark.parametrize("text", ["", "omni_", "omni_00000000_nope", "Bearer x", "omni_\x00"])
def test_what_is_no_token_leads_nowhere(db, text):
    assert tokens.resolve(text) is None


def test_use_is_noted_every_five_minutes(member, in_scope, time_machine):
    time_machine.move_to("2026-11-23 12:00Z", tick=False)
    token, _ = tokens.create(member=member, name="export")
    seen = []
    for _ in range(3):
        tokens.use(token.pk)
        seen.append(ApiToken.objects.get().last_used_at)
        time_machine.shift(timedelta(minutes=4))
    assert seen[0] == seen[1] != seen[2]


def test_a_revoked_token_is_gone_at_once(member, in_scope):
    token, text = tokens.create(member=member, name="export")
    tokens.revoke(token=token, by=member)
    assert (tokens.resolve(text), tokens.use(token.pk)) == (None, None)


def test_an_archived_members_tokens_end_with_them(member, in_scope):
    token, text = tokens.create(member=member, name="export")
    members.archive(member=member, by=None)
    assert (tokens.resolve(text), tokens.use(token.pk)) == (None, None)
    members.bring_back(member=member, by=None)
    assert tokens.resolve(text) is None


def test_a_token_is_of_no_use_while_its_user_may_not_sign_in(member, in_scope):
    token, _ = tokens.create(member=member, name="export")
    User.objects.filter(pk=member.user_id).update(is_active=False)
    assert tokens.use(token.pk) is None


def test_a_bots_token_needs_no_user(in_scope):
    bot = Member.objects.create(name="Bo", is_bot=True)
    token, _ = tokens.create(member=bot, name="export")
    assert tokens.use(token.pk) == token


def test_a_providers_account_leads_to_one_channel_alone(workspace, other_workspace):
    key = locators.provider_key(provider="slack", account="T0123")
    with scope(workspace.pk):
        locators.make(kind=Locator.Kind.PROVIDER, key=key, target_id=7)
    assert locators.find_provider(provider="slack", account="T0123") == locators.Found(workspace.pk, 7)
    assert locators.find_provider(provider="zoom", account="T0123") is None
    with pytest.raises(IntegrityError), transaction.atomic(), scope(other_workspace.pk):
        locators.make(kind=Locator.Kind.PROVIDER, key=key, target_id=8)


def test_a_channels_token_leads_to_it_until_it_is_forgotten(workspace, other_workspace):
    secret = locators.new_secret()
    with scope(workspace.pk):
        locators.make(kind=Locator.Kind.CHANNEL, key=locators.digest(secret), target_id=7)
    with scope(other_workspace.pk):
        locators.forget(kind=Locator.Kind.CHANNEL, target_id=7)
    assert locators.find_channel(secret) == locators.Found(workspace.pk, 7)
    with scope(workspace.pk):
        locators.forget(kind=Locator.Kind.CHANNEL, target_id=7)
    assert locators.find_channel(secret) is None
