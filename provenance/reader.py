"""A PROV document becomes a recipe again."""

from __future__ import annotations

from collections.abc import Iterator

from prov.constants import (
    PROV_ATTR_ACTIVITY,
    PROV_ATTR_ENTITY,
    PROV_ATTR_PLAN,
    PROV_ROLE,
)
from prov.identifier import QualifiedName
from prov.model import (
    AttributeValue,
    ProvActivity,
    ProvAssociation,
    ProvDocument,
    ProvEntity,
    ProvGeneration,
    ProvUsage,
)

from dataminer.domain.errors import InvalidDocument
from dataminer.domain.recipes import Recipe
from dataminer.domain.values import Binding
from provenance import vocabulary as words
from provenance.parsing import parse
from provenance.things import Thing, value_of


class ProvReader:
    """Fulfils the port RecipeReader."""

    def read(self, document: bytes) -> Recipe:
        """The recipe of the one computation that a PROV-XML, PROV-JSON or Turtle document holds.

        Raises:
            InvalidDocument: it is no such document, or lacks what a recipe needs.
        """
        return _Account(parse(document)).recipe()


class _Account:
    """What a document tells of its one computation."""

    def __init__(self, document: ProvDocument) -> None:
        self._document = document
        self._entities: dict[AttributeValue, list[tuple[QualifiedName, AttributeValue]]] = {}
        for entity in document.get_records(ProvEntity):
            self._entities.setdefault(entity.identifier, []).extend(entity.attributes)
        self._name, self._activity = self._only_computation()

    def recipe(self) -> Recipe:
        plan = self._plan()
        return Recipe(
            computation=self._activity.need(words.COMPUTATION),
            method=plan.need(words.METHOD),
            package=plan.need(words.PACKAGE),
            inputs=self._bindings("input", ProvUsage),
            outputs=self._bindings("output", ProvGeneration),
            environment=self._environment(),
        )

    def _only_computation(self) -> tuple[AttributeValue, Thing]:
        found: dict[AttributeValue, Thing] = {}
        for record in self._document.get_records(ProvActivity):
            thing = Thing(name="computation", attributes=record.attributes)
            if thing.find(words.COMPUTATION) is not None:
                found[record.identifier] = thing
        if not found:
            raise InvalidDocument(
                f"The document holds no computation: no activity in it has {words.COMPUTATION}."
            )
        if len(found) > 1:
            raise InvalidDocument(f"The document holds {len(found)} computations, not one.")
        return found.popitem()

    def _plan(self) -> Thing:
        for association in self._relations(ProvAssociation):
            if plan := association.find(PROV_ATTR_PLAN):
                return self._entity("method version", plan)
        raise InvalidDocument("The document does not say by which plan it was computed.")

    def _environment(self) -> str:
        for usage in self._relations(ProvUsage):
            entity = self._entity("environment", usage.find(PROV_ATTR_ENTITY))
            if entity.has_type(words.ENVIRONMENT_TYPE):
                return entity.need(words.ENVIRONMENT)
        return ""

    def _bindings(
        self, kind: str, relation: type[ProvUsage | ProvGeneration]
    ) -> tuple[Binding, ...]:
        """Those with a position, in their order: neither the log nor the environment has one."""
        placed = [
            (part.number(words.POSITION), self._binding(kind, part))
            for part in self._relations(relation)
            if part.find(words.POSITION) is not None
        ]
        return tuple(binding for _, binding in sorted(placed, key=lambda pair: pair[0]))

    def _binding(self, kind: str, part: Thing) -> Binding:
        identifier = part.need(PROV_ROLE)
        name = f"{kind} '{identifier}'"
        value = value_of(self._entity(name, part.find(PROV_ATTR_ENTITY)))
        if value is None:
            raise InvalidDocument(f"The document's {name} is neither literal, nor box, nor file.")
        return Binding(identifier=identifier, value=value)

    def _entity(self, name: str, identifier: AttributeValue | None) -> Thing:
        attributes = self._entities.get(identifier)
        if attributes is None:
            raise InvalidDocument(f"The document does not describe its {name}, '{identifier}'.")
        return Thing(name=name, attributes=attributes)

    def _relations(
        self, relation: type[ProvUsage | ProvGeneration | ProvAssociation]
    ) -> Iterator[Thing]:
        for record in self._document.get_records(relation):
            thing = Thing(name=relation.__name__, attributes=record.attributes)
            if thing.find(PROV_ATTR_ACTIVITY) == self._name:
                yield thing
