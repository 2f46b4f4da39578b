"""Who somebody is, and how people and tenants come in."""

from __future__ import annotations

import hashlib
import re
import secrets

from dataminer.domain.errors import AccessDenied, Conflict, NotAuthenticated
from dataminer.domain.tenants import Caller, Role, Tenant, Token, User
from dataminer.ports import Ports

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


def authenticate(ports: Ports, token: str) -> Caller:
    """The caller whose token this is. Raises: NotAuthenticated."""
    user = ports.accounts.owner_of(_digest(token))
    if user is None:
        raise NotAuthenticated("This token is not known here; make one with 'dataminer token'.")
    return caller_of(user)


def caller_of(user: User) -> Caller:
    """The caller that a user is."""
    return Caller(user=user.name, tenant=user.tenant, role=user.role)


def require(caller: Caller, role: Role) -> None:
    """Nothing, or AccessDenied when the caller lacks the rights of the role."""
    if not caller.may(role):
        raise AccessDenied(f"Only an {role} may do this; you are a {caller.role}.")


def add_tenant(ports: Ports, tenant: Tenant) -> None:
    """Record a tenant. Raises: Conflict: taken, or not a name."""
    _check_name(tenant.name)
    ports.accounts.add_tenant(tenant)


def add_user(ports: Ports, user: User) -> None:
    """Record a user. Raises: UnknownCaller, Conflict."""
    _check_name(user.name)
    ports.accounts.add_user(user)


def make_token(ports: Ports, tenant: str, user: str, label: str) -> str:
    """A new token of 256 random bits, shown this once: only its digest is kept."""
    secret = f"dm_{secrets.token_urlsafe(32)}"
    ports.accounts.add_token(
        Token(
            id=secrets.token_hex(4),
            digest=_digest(secret),
            user=user,
            tenant=tenant,
            created_at=ports.clock(),
            label=label,
        )
    )
    return secret


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise Conflict(f"'{name}' is not a name: use up to 64 letters, digits and . _ @ -")
