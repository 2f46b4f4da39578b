"""Who uses the engine: tenants, their users, and what each may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a user may do in a tenant; each role may do all that the one before may."""

    MEMBER = "member"  #: execute methods, use the workspace
    AUTHOR = "author"  #: publish methods
    OPERATOR = "operator"  #: see and dismiss everybody's computations, make users

    def includes(self, other: Role) -> bool:
        """Whether this role may do what the other may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A virtual research environment: people who share methods and data."""

    name: str
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person in one tenant."""

    name: str
    tenant: str
    role: Role = Role.MEMBER
    full_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A personal token, as kept: never the token itself."""

    id: str  #: short public name, to list and revoke it by
    digest: str  #: SHA-256 of the token
    user: str
    tenant: str
    created_at: datetime
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A user acting in one tenant."""

    user: str
    tenant: str
    role: Role = Role.MEMBER

    def may(self, role: Role) -> bool:
        """Whether the caller has the rights of this role."""
        return self.role.includes(role)
