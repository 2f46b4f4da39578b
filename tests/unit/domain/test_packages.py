"""Packages and their names."""

from __future__ import annotations

from dataclasses import replace

from dataminer.domain.methods import Limits, Package, PackageFile
from tests.builders import a_manifest

PACKAGE = Package(
    manifest=a_manifest(), files=(PackageFile(path="shout.py", digest="a" * 64, size_bytes=3),)
)


def test_the_same_content_has_the_same_name() -> None:
    again = Package(
        manifest=a_manifest(), files=(PackageFile(path="shout.py", digest="a" * 64, size_bytes=3),)
    )

    assert PACKAGE.digest == again.digest


def test_the_name_is_the_one_that_it_had_before_there_were_more_limits() -> None:
    first = replace(PACKAGE, manifest=a_manifest(limits=Limits(wall_seconds=5, cores=2)))

    assert PACKAGE.digest == "73d2049150161bd64b17c6d6e9dba59105b4e9b3e1a8f1003b8cb31c0b46ce9c"
    assert first.digest == "978c2a7e3eb908171d2bb5a78ef094632161fcb79ca62c78dbe176002306b37a"
    limited = Limits(wall_seconds=5, cores=2, memory_mb=100)
    assert replace(first, manifest=a_manifest(limits=limited)).digest != first.digest


def test_every_change_of_content_changes_the_name() -> None:
    others = [
        replace(PACKAGE, lock="b" * 64),
        replace(PACKAGE, manifest=a_manifest(title="Whisper")),
        replace(PACKAGE, files=(replace(PACKAGE.files[0], executable=True),)),
        replace(PACKAGE, files=()),
    ]

    assert len({PACKAGE.digest, *(other.digest for other in others)}) == len(others) + 1
