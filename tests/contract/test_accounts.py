"""Tenants, users and tokens."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dataminer.domain.errors import Conflict, UnknownCaller
from dataminer.domain.tenants import Role, Tenant, Token, User
from dataminer.ports import Accounts
from tests.builders import NOW

ADA = User(name="ada", tenant="bio", role=Role.OPERATOR, full_name="Ada L.")


def a_token(name: str = "laptop", user: User = ADA, age: int = 0) -> Token:
    return Token(
        id=name,
        digest=f"{user.tenant} {user.name} {name}",
        user=user.name,
        tenant=user.tenant,
        created_at=NOW - timedelta(days=age),
        label="mine",
    )


@pytest.fixture
def peopled(accounts: Accounts) -> Accounts:
    accounts.add_tenant(Tenant(name="geo"))
    accounts.add_tenant(Tenant(name="bio", title="Biology"))
    accounts.add_user(User(name="bob", tenant="bio"))
    accounts.add_user(ADA)
    accounts.add_user(User(name="ada", tenant="geo"))
    return accounts


def test_tenants_and_users_come_back_as_they_were_sorted_by_name(peopled: Accounts) -> None:
    assert list(peopled.tenants()) == [Tenant(name="bio", title="Biology"), Tenant(name="geo")]
    assert list(peopled.users("bio")) == [ADA, User(name="bob", tenant="bio")]
    assert peopled.user("bio", "ada") == ADA


def test_a_name_is_taken_once_in_each_tenant(peopled: Accounts) -> None:
    with pytest.raises(Conflict, match="'geo'"):
        peopled.add_tenant(Tenant(name="geo"))
    with pytest.raises(Conflict, match="'ada'"):
        peopled.add_user(ADA)

    assert peopled.user("geo", "ada").role is Role.MEMBER


def test_nobody_joins_a_tenant_that_does_not_exist(peopled: Accounts) -> None:
    with pytest.raises(UnknownCaller, match="'sea'"):
        peopled.add_user(User(name="ada", tenant="sea"))


def test_a_user_is_unknown_in_another_tenant(peopled: Accounts) -> None:
    with pytest.raises(UnknownCaller):
        peopled.user("geo", "bob")
    assert list(peopled.users("sea")) == []


def test_a_token_leads_to_its_owner_until_it_is_removed(peopled: Accounts) -> None:
    token = a_token()

    peopled.add_token(token)

    assert peopled.owner_of(token.digest) == ADA
    peopled.remove_token("bio", "ada", token.id)
    assert peopled.owner_of(token.digest) is None


def test_tokens_are_listed_oldest_first_for_their_user_alone(peopled: Accounts) -> None:
    young, old = a_token("young"), a_token("old", age=3)
    for token in (young, old, a_token("other", User(name="ada", tenant="geo"))):
        peopled.add_token(token)

    assert list(peopled.tokens("bio", "ada")) == [old, young]


def test_a_token_needs_a_user(peopled: Accounts) -> None:
    with pytest.raises(UnknownCaller):
        peopled.add_token(a_token(user=User(name="eve", tenant="bio")))


def test_a_token_is_recorded_once(peopled: Accounts) -> None:
    peopled.add_token(a_token())

    with pytest.raises(Conflict):
        peopled.add_token(a_token())


def test_the_token_of_somebody_else_cannot_be_removed(peopled: Accounts) -> None:
    peopled.add_token(a_token())

    with pytest.raises(UnknownCaller):
        peopled.remove_token("bio", "bob", "laptop")
    assert peopled.owner_of(a_token().digest) == ADA
