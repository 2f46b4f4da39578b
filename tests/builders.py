"""Builders that hide what does not matter in a test."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from dataminer.domain.computations import (
    Computation,
    Place,
    Usage,
    new_address_key,
    new_computation_id,
)
from dataminer.domain.methods import (
    DataType,
    Format,
    Input,
    Manifest,
    Method,
    Output,
    Package,
    Passing,
    Runtime,
    Target,
)
from dataminer.domain.tenants import Caller, Role
from dataminer.domain.values import Binding, Literal

TEXT = Format(media_type="text/plain")
NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
PLACE = Place(node="here", engine="0.1.0", platform="Linux-x86_64", interpreter="Python 3.11.7")


USAGE = Usage(
    wall_seconds=1.25, cpu_seconds=0.5, peak_memory_bytes=120_000_000,
    read_bytes=3_000_000, written_bytes=1_500,
)  # fmt: skip


def a_caller(user: str = "ada", tenant: str = "bio", role: Role = Role.AUTHOR) -> Caller:
    return Caller(user=user, tenant=tenant, role=role)


def a_manifest(**changes: Any) -> Manifest:
    manifest = Manifest(
        identifier="SHOUT",
        title="Shout",
        runtime=Runtime.PYTHON,
        entry="shout.py:main",
        passing=Passing.FUNCTION,
        inputs=(
            Input(identifier="text", type=DataType.FILE, formats=(TEXT,)),
            Input(identifier="times", type=DataType.INTEGER, default="1", min_occurs=0,
                  minimum=1, maximum=9),
        ),
        outputs=(Output(identifier="loud", type=DataType.FILE, formats=(TEXT,)),),
    )  # fmt: skip
    return replace(manifest, **changes)


def a_method(tenant: str | None = None, **changes: Any) -> Method:
    package = Package(manifest=a_manifest(**changes), files=())
    return Method(
        package=package,
        digest=package.digest,
        tenant=tenant,
        published_by="ada",
        published_at=NOW,
    )


def a_computation(**changes: Any) -> Computation:
    computation = Computation(
        id=new_computation_id("SHOUT"),
        method="SHOUT",
        version="1",
        package=a_method().digest,
        target=Target.LOCAL,
        user="ada",
        tenant="bio",
        inputs=(Binding(identifier="times", value=Literal(text="1")),),
        accepted_at=NOW,
        address_key=new_address_key(),
    )
    return replace(computation, **changes)
