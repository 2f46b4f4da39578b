"""What is asked of the tables of computations; built once, filled in at each call."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
    tuple_,
    update,
)

from dataminer.adapters.database.moments import Moment, now
from dataminer.adapters.database.tables import AGE, bindings, computations
from dataminer.domain.computations import Status

_c, _b = computations.c, bindings.c
_ID = _c.id == bindparam("of_id", type_=Text)
_TARGET = _c.target == bindparam("of_target", type_=Text)
_OPEN = _c.ended_at.is_(None)  #: lets the index of what has not ended be used
_ACCEPTED = _c.status == Status.ACCEPTED.value
_RUNNING = _c.status == Status.RUNNING.value
_CLAIMABLE = and_(_OPEN, or_(_ACCEPTED, and_(_RUNNING, _c.lease_until < now())))
_RUNS_NOW = and_(_OPEN, _RUNNING, _c.lease_until >= now())
_FRESH_LEASE = now() + bindparam("lease", type_=BigInteger)
_HELD = and_(
    _ID,
    _c.attempt == bindparam("of_attempt", type_=Integer),
    _c.status == bindparam("of_status", type_=Text),
)
_AT = bindparam("at", type_=Moment)

ADD = insert(computations)
ADD_VALUES = insert(bindings)
GET = select(computations).where(_ID)
BY_ADDRESS = select(computations).where(
    _c.address_key == bindparam("key", type_=Text), _c.removed_at.is_(None)
)
VALUES = (
    select(bindings)
    .where(_b.computation.in_(bindparam("ids", expanding=True)))
    .order_by(_b.computation, _b.direction, _b.position)
)
WAITING = select(_c.id).where(_TARGET, _CLAIMABLE).order_by(*AGE)

_load = (
    select(_c.tenant, _c.user_name, func.count().label("running"))
    .where(_TARGET, _RUNS_NOW)
    .group_by(_c.tenant, _c.user_name)
    .subquery()
)
NEXT_WAITING = (
    select(_c.id)
    .outerjoin(_load, and_(_load.c.tenant == _c.tenant, _load.c.user_name == _c.user_name))
    .where(_TARGET, _CLAIMABLE)
    .order_by(func.coalesce(_load.c.running, 0), *AGE)
    .limit(1)
)

CLAIM = (
    update(computations)
    .where(_ID, _CLAIMABLE)
    .values(
        attempt=_c.attempt + 1,
        status=Status.RUNNING.value,
        # The clock that accepted it may be a little ahead.
        started_at=case((_c.accepted_at > now(), _c.accepted_at), else_=now()),
        lease_until=_FRESH_LEASE,
        percent=0,
        message="",
    )
    .returning(*computations.c)
)
RENEW = update(computations).where(_HELD).values(lease_until=_FRESH_LEASE)
REPORT = (
    update(computations)
    .where(_HELD)
    .values(percent=bindparam("new_percent"), message=bindparam("new_message"))
)
FINISH = (
    update(computations)
    .where(_HELD)
    .values(
        status=bindparam("new_status"),
        message=bindparam("new_message"),
        exit_code=bindparam("new_exit_code"),
        place=func.coalesce(bindparam("new_place", type_=Text), _c.place),
        usage=bindparam("new_usage"),
        verdict=bindparam("new_verdict"),
        percent=case((bindparam("succeeded"), 100), else_=_c.percent),
        ended_at=case((_c.accepted_at > now(), _c.accepted_at), else_=now()),
        lease_until=None,
    )
    .returning(*computations.c)
)
ASK_DISMISSAL = (
    update(computations)
    .where(_ID, or_(_ACCEPTED, _RUNNING), _c.dismissal_asked_by.is_(None))
    .values(dismissal_asked_by=bindparam("asked_by"))
)
REMOVE = (
    update(computations)
    .where(_ID, not_(or_(_ACCEPTED, _RUNNING)), _c.removed_at.is_(None))
    .values(removed_at=_AT)
)
MARK_DELETED = (
    update(bindings)
    .where(
        _b.computation == bindparam("of_id"),
        _b.digest == bindparam("of_digest"),
        _b.deleted_at.is_(None),
    )
    .values(deleted_at=_AT)
)
COUNT_RUNNING = select(func.count()).where(
    _RUNS_NOW,
    or_(bindparam("of_tenant", type_=Text).is_(None), _c.tenant == bindparam("of_tenant")),
)
USAGES = (
    select(_c.package, _c.usage)
    .where(
        _c.tenant == bindparam("of_tenant"),
        _c.method == bindparam("of_method"),
        _c.status == Status.SUCCEEDED.value,
        _c.usage.is_not(None),
        _c.removed_at.is_(None),
    )
    .order_by(*(column.desc() for column in AGE))
    .limit(bindparam("most"))
)
HOLDS = select(exists().where(_b.digest == bindparam("of_digest"), _b.deleted_at.is_(None)))


@cache
def page(given: frozenset[str]) -> Select[Any]:
    """One page of a tenant's computations, with the filters that are given."""
    statement = (
        select(computations)
        .where(_c.tenant == bindparam("tenant"), _c.removed_at.is_(None))
        .order_by(*(column.desc() for column in AGE))
        .limit(bindparam("rows"))
    )
    for name in sorted(given & {"user_name", "status", "method"}):
        statement = statement.where(_c[name] == bindparam(name))
    if "before" in given:
        key = (bindparam("before", type_=BigInteger), bindparam("before_id", type_=Text))
        statement = statement.where(tuple_(*AGE) < tuple_(*key))
    return statement
