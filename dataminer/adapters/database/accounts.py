"""Tenants, users and tokens in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError

from dataminer.adapters.database import tables
from dataminer.adapters.database.engine import Database
from dataminer.domain.errors import Conflict, UnknownCaller
from dataminer.domain.tenants import Role, Tenant, Token, User

_t, _u, _k = tables.tenants, tables.users, tables.tokens
_ADD_TENANT = insert(_t)
_TENANTS = select(_t).order_by(_t.c.name)
_TENANT = select(_t.c.name).where(_t.c.name == bindparam("name"))
_ADD_USER = insert(_u)
_USERS = select(_u).where(_u.c.tenant == bindparam("tenant")).order_by(_u.c.name)
_USER = select(_u).where(_u.c.tenant == bindparam("tenant"), _u.c.name == bindparam("name"))
_ADD_TOKEN = insert(_k)
_TOKENS = (
    select(_k)
    .where(_k.c.tenant == bindparam("tenant"), _k.c.user_name == bindparam("user"))
    .order_by(_k.c.created_at, _k.c.id)
)
_REMOVE_TOKEN = delete(_k).where(
    _k.c.tenant == bindparam("of_tenant"),
    _k.c.user_name == bindparam("of_user"),
    _k.c.id == bindparam("of_id"),
)
_OWNER = (
    select(_u)
    .join(_k, (_k.c.tenant == _u.c.tenant) & (_k.c.user_name == _u.c.name))
    .where(_k.c.digest == bindparam("digest"))
)


class SqlAccounts:
    """The port Accounts in SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_tenant(self, tenant: Tenant) -> None:
        """Raises: Conflict: the name is taken."""
        try:
            with self._database.writing() as connection:
                connection.execute(_ADD_TENANT, {"name": tenant.name, "title": tenant.title})
        except IntegrityError as error:
            raise Conflict(
                f"There is already a tenant '{tenant.name}'; choose another name."
            ) from error

    def tenants(self) -> Sequence[Tenant]:
        """All of them, by name."""
        with self._database.reading() as connection:
            return [Tenant(name=row.name, title=row.title) for row in connection.execute(_TENANTS)]

    def add_user(self, user: User) -> None:
        """Raises: UnknownCaller: no such tenant. Conflict: the name is taken there."""
        with self._database.writing() as connection:
            if connection.execute(_TENANT, {"name": user.tenant}).first() is None:
                raise UnknownCaller(f"There is no tenant '{user.tenant}'; make it first.")
            key = {"tenant": user.tenant, "name": user.name}
            if connection.execute(_USER, key).first():
                raise Conflict(
                    f"There is already a user '{user.name}' in tenant '{user.tenant}';"
                    " choose another name."
                )
            connection.execute(
                _ADD_USER, {**key, "role": user.role.value, "full_name": user.full_name}
            )

    def users(self, tenant: str) -> Sequence[User]:
        """The tenant's users, by name."""
        with self._database.reading() as connection:
            return [_user(row) for row in connection.execute(_USERS, {"tenant": tenant})]

    def user(self, tenant: str, name: str) -> User:
        """Raises: UnknownCaller."""
        with self._database.reading() as connection:
            row = connection.execute(_USER, {"tenant": tenant, "name": name}).first()
        if row is None:
            raise UnknownCaller(f"There is no user '{name}' in tenant '{tenant}'.")
        return _user(row)

    def add_token(self, token: Token) -> None:
        """Raises: UnknownCaller: no such user. Conflict: the id or the token is taken."""
        try:
            with self._database.writing() as connection:
                key = {"tenant": token.tenant, "name": token.user}
                if connection.execute(_USER, key).first() is None:
                    raise UnknownCaller(
                        f"There is no user '{token.user}' in tenant '{token.tenant}'."
                    )
                connection.execute(_ADD_TOKEN, _token_row(token))
        except IntegrityError as error:
            raise Conflict(f"There is already a token '{token.id}'; make another.") from error

    def tokens(self, tenant: str, user: str) -> Sequence[Token]:
        """The user's tokens, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(_TOKENS, {"tenant": tenant, "user": user})
            return [_token(row) for row in rows]

    def remove_token(self, tenant: str, user: str, token_id: str) -> None:
        """Raises: UnknownCaller: no such token."""
        key = {"of_tenant": tenant, "of_user": user, "of_id": token_id}
        with self._database.writing() as connection:
            if connection.execute(_REMOVE_TOKEN, key).rowcount == 0:
                raise UnknownCaller(f"User '{user}' has no token '{token_id}'.")

    def owner_of(self, token_digest: str) -> User | None:
        """Whose token has this SHA-256, or None."""
        with self._database.reading() as connection:
            row = connection.execute(_OWNER, {"digest": token_digest}).first()
        return None if row is None else _user(row)


# Any: a row's columns are known to the statement alone.
def _user(row: Row[*tuple[Any, ...]]) -> User:
    return User(name=row.name, tenant=row.tenant, role=Role(row.role), full_name=row.full_name)


def _token(row: Row[*tuple[Any, ...]]) -> Token:
    return Token(
        id=row.id,
        digest=row.digest,
        user=row.user_name,
        tenant=row.tenant,
        created_at=row.created_at,
        label=row.label,
    )


def _token_row(token: Token) -> dict[str, object]:
    return {
        "tenant": token.tenant,
        "user_name": token.user,
        "id": token.id,
        "digest": token.digest,
        "created_at": token.created_at,
        "label": token.label,
    }
