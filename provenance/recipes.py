"""A computation's recipe, straight from its record, as its documents will say it."""

from __future__ import annotations

from dataclasses import replace

from dataminer.domain.addresses import without_credentials
from dataminer.domain.computations import Computation
from dataminer.domain.recipes import Recipe
from dataminer.domain.values import Binding, Payload


def recipe_of(computation: Computation) -> Recipe:
    """What is needed to repeat the computation; no address in it holds a credential."""
    return Recipe(
        computation=computation.id,
        method=computation.method,
        package=computation.package,
        inputs=tuple(clean(binding) for binding in computation.inputs),
        outputs=tuple(clean(binding) for binding in computation.outputs),
        environment=computation.place.environment if computation.place else "",
    )


def clean(binding: Binding) -> Binding:
    """The same, but for credentials in a payload's addresses."""
    if not isinstance(binding.value, Payload):
        return binding
    return replace(binding, value=clean_payload(binding.value))


def clean_payload(payload: Payload) -> Payload:
    """The same, but for credentials in its addresses."""
    return replace(payload, source=_address(payload.source), schema=_schema(payload.schema))


def _schema(schema: str) -> str:
    """A schema's fragment names a part of it, unlike a source's."""
    address, separator, fragment = schema.partition("#")
    return f"{_address(address)}{separator}{fragment}"


def _address(address: str) -> str:
    """Empty when it cannot be understood well enough to be cleaned."""
    try:
        return without_credentials(address)
    except ValueError:
        return ""
