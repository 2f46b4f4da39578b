"""Tenants, users and tokens in memory."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from dataminer.domain.errors import Conflict, UnknownCaller
from dataminer.domain.tenants import Tenant, Token, User


class MemoryAccounts:
    """The port Accounts, kept in dictionaries."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._tenants: dict[str, Tenant] = {}
        self._users: dict[tuple[str, str], User] = {}
        self._tokens: dict[str, Token] = {}  #: by digest

    def add_tenant(self, tenant: Tenant) -> None:
        """Raises: Conflict: the name is taken."""
        with self._lock:
            if tenant.name in self._tenants:
                raise Conflict(f"There is already a tenant '{tenant.name}'; choose another name.")
            self._tenants[tenant.name] = tenant

    def tenants(self) -> Sequence[Tenant]:
        """All of them, by name."""
        with self._lock:
            return sorted(self._tenants.values(), key=lambda tenant: tenant.name)

    def add_user(self, user: User) -> None:
        """Raises: UnknownCaller: no such tenant. Conflict: the name is taken there."""
        with self._lock:
            if user.tenant not in self._tenants:
                raise UnknownCaller(f"There is no tenant '{user.tenant}'; make it first.")
            if (user.tenant, user.name) in self._users:
                raise Conflict(
                    f"There is already a user '{user.name}' in tenant '{user.tenant}';"
                    " choose another name."
                )
            self._users[user.tenant, user.name] = user

    def users(self, tenant: str) -> Sequence[User]:
        """The tenant's users, by name."""
        with self._lock:
            found = [user for user in self._users.values() if user.tenant == tenant]
        return sorted(found, key=lambda user: user.name)

    def user(self, tenant: str, name: str) -> User:
        """Raises: UnknownCaller."""
        with self._lock:
            return self._user(tenant, name)

    def add_token(self, token: Token) -> None:
        """Raises: UnknownCaller: no such user. Conflict: the id or the token is taken."""
        with self._lock:
            self._user(token.tenant, token.user)
            taken = token.digest in self._tokens or any(
                (kept.tenant, kept.user, kept.id) == (token.tenant, token.user, token.id)
                for kept in self._tokens.values()
            )
            if taken:
                raise Conflict(f"There is already a token '{token.id}'; make another.")
            self._tokens[token.digest] = token

    def tokens(self, tenant: str, user: str) -> Sequence[Token]:
        """The user's tokens, oldest first."""
        with self._lock:
            found = [t for t in self._tokens.values() if (t.tenant, t.user) == (tenant, user)]
        return sorted(found, key=lambda token: (token.created_at, token.id))

    def remove_token(self, tenant: str, user: str, token_id: str) -> None:
        """Raises: UnknownCaller: no such token."""
        with self._lock:
            for digest, token in self._tokens.items():
                if (token.tenant, token.user, token.id) == (tenant, user, token_id):
                    del self._tokens[digest]
                    return
        raise UnknownCaller(f"User '{user}' has no token '{token_id}'.")

    def owner_of(self, token_digest: str) -> User | None:
        """Whose token has this SHA-256, or None."""
        with self._lock:
            token = self._tokens.get(token_digest)
            return None if token is None else self._users[token.tenant, token.user]

    def _user(self, tenant: str, name: str) -> User:
        try:
            return self._users[tenant, name]
        except KeyError:
            raise UnknownCaller(f"There is no user '{name}' in tenant '{tenant}'.") from None
