"""Published methods, every version."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dataminer.domain.errors import Conflict, UnknownMethod
from dataminer.domain.methods import (
    DataType,
    Example,
    Format,
    Input,
    Limits,
    Method,
    Output,
    Package,
    PackageFile,
    Runtime,
    Target,
)
from dataminer.ports import Catalogue
from tests.builders import NOW, a_manifest, a_method

FILES = (PackageFile(path="a.py", digest="a" * 64, size_bytes=3, executable=True),)


def a_full_method() -> Method:
    """With every field filled in."""
    manifest = a_manifest(
        inputs=(
            Input(identifier="x", type=DataType.FLOAT, title="X", abstract="x", min_occurs=0,
                  max_occurs=3, default="1.5", choices=("1.5", "2"), minimum=1, maximum=2.5,
                  unit="m"),
            Input(identifier="box", type=DataType.BBOX, crs=("EPSG:4326",)),
        ),
        outputs=(Output(identifier="y", type=DataType.TABLE, file="y.csv", optional=True,
                        formats=(Format(media_type="text/csv", encoding="base64", schema="s"),)),),
        abstract="Zwölf", version="2", category="TEXT", keywords=("loud",), author="Ada",
        licence="MIT", runtime=Runtime.R, target=Target.CLOUD,
        limits=Limits(wall_seconds=5, cores=2), deterministic=True, repeatable=False,
        dependencies=("pandas>=2",), example=Example(inputs=(("x", "2"),), outputs=(("y", "@y"),)),
    )  # fmt: skip
    package = Package(manifest=manifest, files=FILES, lock="b" * 64)
    return replace(a_method(), package=package, digest=package.digest)


def test_a_method_comes_back_as_it_was_published(catalogue: Catalogue) -> None:
    method = a_full_method()

    published = catalogue.publish(method)

    assert published == method
    assert catalogue.by_digest("bio", method.digest) == method
    assert catalogue.by_digest("bio", method.digest).package.digest == method.digest


def test_the_newest_version_is_listed_and_all_are_kept(catalogue: Catalogue) -> None:
    old, new = a_method(version="1"), a_method(version="2")
    other = a_method(identifier="ALSO")
    for method in (old, new, other):
        catalogue.publish(method)

    assert list(catalogue.newest("bio")) == [other, new]
    assert list(catalogue.versions("bio", "SHOUT")) == [new, old]
    assert catalogue.by_digest("bio", old.digest) == old


def test_the_same_package_again_changes_nothing(catalogue: Catalogue) -> None:
    old, new = a_method(version="1"), a_method(version="2")
    catalogue.publish(old)
    catalogue.publish(new)
    before = catalogue.generation()

    again = catalogue.publish(replace(old, published_by="bob"))

    assert again == old
    assert catalogue.generation() == before
    assert list(catalogue.newest("bio")) == [new]


@pytest.mark.parametrize(("first", "second"), [("bio", "geo"), ("bio", None), (None, "bio")])
def test_an_identifier_belongs_to_who_published_it_first(
    catalogue: Catalogue, first: str | None, second: str | None
) -> None:
    catalogue.publish(a_method(tenant=first))

    with pytest.raises(Conflict, match="SHOUT"):
        catalogue.publish(a_method(tenant=second, version="2"))
    with pytest.raises(Conflict, match="SHOUT"):
        catalogue.publish(a_method(tenant=second))


def test_no_tenant_sees_the_methods_of_another(catalogue: Catalogue) -> None:
    ours, theirs = a_method(tenant="bio"), a_method(tenant="geo", identifier="THEIRS")
    everybodys = a_method(identifier="ALL")
    for method in (ours, theirs, everybodys):
        catalogue.publish(method)

    assert list(catalogue.newest("bio")) == [everybodys, ours]
    assert list(catalogue.newest("geo")) == [everybodys, theirs]
    assert list(catalogue.versions("geo", "SHOUT")) == []
    with pytest.raises(UnknownMethod):
        catalogue.by_digest("geo", ours.digest)


def test_a_withdrawn_version_is_hidden_and_kept(catalogue: Catalogue) -> None:
    old, new = a_method(version="1"), a_method(version="2")
    catalogue.publish(old)
    catalogue.publish(new)

    catalogue.withdraw(None, "SHOUT", new.digest, NOW)

    withdrawn = replace(new, withdrawn_at=NOW)
    assert list(catalogue.newest("bio")) == [old]
    assert list(catalogue.versions("bio", "SHOUT")) == [withdrawn, old]
    assert catalogue.by_digest("bio", new.digest) == withdrawn


def test_a_method_whose_versions_are_all_withdrawn_is_not_listed(catalogue: Catalogue) -> None:
    method = catalogue.publish(a_method())

    catalogue.withdraw(None, "SHOUT", method.digest, NOW)

    assert list(catalogue.newest("bio")) == []


def test_only_the_owner_withdraws(catalogue: Catalogue) -> None:
    method = catalogue.publish(a_method(tenant="bio"))

    for tenant, identifier in (("geo", "SHOUT"), (None, "SHOUT"), ("bio", "OTHER")):
        with pytest.raises(UnknownMethod):
            catalogue.withdraw(tenant, identifier, method.digest, NOW)
    assert list(catalogue.newest("bio")) == [method]


def test_the_generation_grows_with_each_change(catalogue: Catalogue) -> None:
    generations = [catalogue.generation()]
    method = catalogue.publish(a_method())
    generations.append(catalogue.generation())
    catalogue.withdraw(None, "SHOUT", method.digest, NOW)
    generations.append(catalogue.generation())
    catalogue.withdraw(None, "SHOUT", method.digest, NOW)

    assert generations == sorted(set(generations))
    assert catalogue.generation() == generations[-1]


def test_a_refused_publication_leaves_nothing_behind(catalogue: Catalogue) -> None:
    catalogue.publish(a_method(tenant="bio"))
    before = catalogue.generation()

    with pytest.raises(Conflict):
        catalogue.publish(a_method(tenant="geo", version="2"))

    assert catalogue.generation() == before
    assert len(catalogue.versions("bio", "SHOUT")) == 1


def test_packages_hold_their_files_and_locks(catalogue: Catalogue) -> None:
    catalogue.publish(a_full_method())

    assert catalogue.holds_payload("a" * 64)
    assert catalogue.holds_payload("b" * 64)
    assert not catalogue.holds_payload("c" * 64)
