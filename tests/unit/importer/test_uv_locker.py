"""Dependencies are pinned by uv, here from a folder of wheels and without a network."""

from __future__ import annotations

import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import uv

from dataminer.domain.errors import ScriptRejected
from dataminer.domain.methods import Manifest, Passing, Runtime
from importer.locks import UvLocker


def a_wheel(folder: Path, name: str, version: str, requires: str = "") -> None:
    info = f"{name}-{version}.dist-info"
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", "")
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}"
        )
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")


def a_method(*dependencies: str) -> Manifest:
    return Manifest(
        identifier="a",
        title="A",
        runtime=Runtime.PYTHON,
        entry="a.py",
        passing=Passing.JSON,
        outputs=(),
        dependencies=dependencies,
    )


@pytest.fixture
def locker(tmp_path: Path) -> UvLocker:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    a_wheel(wheels, "upper", "1.0", requires="lower>=1")
    a_wheel(wheels, "lower", "1.5")
    environ = {
        "UV_OFFLINE": "1",
        "UV_FIND_LINKS": str(wheels),
        "UV_CACHE_DIR": str(tmp_path / "cache"),
        "HOME": str(tmp_path),
    }
    return UvLocker(Path(uv.find_uv_bin()), Path(sys.executable), environ)


def test_a_lock_pins_everything_with_hashes_and_names_no_host(
    locker: UvLocker, tmp_path: Path
) -> None:
    lock = locker.lock(a_method("upper")).decode()

    assert [line.split()[0] for line in lock.splitlines() if not line.startswith(" ")] == [
        "lower==1.5", "upper==1.0"]  # fmt: skip
    assert lock.count("--hash=sha256:") == 2
    assert str(tmp_path) not in lock
    assert "#" not in lock


def test_the_same_requirements_give_the_same_lock(locker: UvLocker) -> None:
    assert locker.lock(a_method("upper", "lower")) == locker.lock(a_method("upper", "lower"))


def test_nothing_needed_is_an_empty_lock(locker: UvLocker) -> None:
    assert locker.lock(a_method()) == b""


def test_a_refusal_names_the_requirement_and_what_uv_said(locker: UvLocker, tmp_path: Path) -> None:
    with pytest.raises(ScriptRejected) as rejected:
        locker.lock(a_method("upper", "lower>=2"))

    message = str(rejected.value)
    assert message.startswith("the dependencies cannot be resolved (")
    assert "lower>=2" in message.partition(":")[0]
    assert str(tmp_path) not in message


@pytest.mark.parametrize(
    "dependency",
    ["-r /etc/passwd", "--index-url=https://x.org", "a @ https://x.org/a.whl", "git+https://x.org",
     "./a", "a\n-r b", "", "a # b", "a>", "a b"],
)  # fmt: skip
def test_only_names_with_versions_are_taken(locker: UvLocker, dependency: str) -> None:
    with pytest.raises(ScriptRejected, match="must be a name with versions"):
        locker.lock(a_method(dependency))


@pytest.mark.parametrize(
    "dependency",
    ["lower", "lower==1.5", "lower >= 1, < 2", "lower[extra,more]~=1.0", "lower!=2.*",
     "lower>=1; python_version < '3.99'"],
)  # fmt: skip
def test_requirements_of_the_standard_are_taken(locker: UvLocker, dependency: str) -> None:
    assert locker.lock(a_method(dependency)).startswith(b"lower==1.5")


def test_other_languages_take_their_libraries_from_the_host(locker: UvLocker) -> None:
    with pytest.raises(ScriptRejected, match="libraries of R are taken from the host"):
        locker.lock(replace(a_method("dplyr"), runtime=Runtime.R))


def test_a_missing_uv_is_said_so(tmp_path: Path) -> None:
    locker = UvLocker(tmp_path / "uv", Path(sys.executable), {})

    with pytest.raises(ScriptRejected, match="uv cannot be started: No such file"):
        locker.lock(a_method("lower"))
