"""Packages and their names."""

from __future__ import annotations

from dataclasses import replace

from dataminer.domain.methods import Package, PackageFile
from tests.builders import a_manifest

PACKAGE = Package(
    manifest=a_manifest(), files=(PackageFile(path="shout.py", digest="a" * 64, size_bytes=3),)
)


def test_the_same_content_has_the_same_name() -> None:
    again = Package(
        manifest=a_manifest(), files=(PackageFile(path="shout.py", digest="a" * 64, size_bytes=3),)
    )

    assert PACKAGE.digest == again.digest


def test_every_change_of_content_changes_the_name() -> None:
    others = [
        replace(PACKAGE, lock="b" * 64),
        replace(PACKAGE, manifest=a_manifest(title="Whisper")),
        replace(PACKAGE, files=(replace(PACKAGE.files[0], executable=True),)),
        replace(PACKAGE, files=()),
    ]

    assert len({PACKAGE.digest, *(other.digest for other in others)}) == len(others) + 1
