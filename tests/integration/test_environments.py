"""Environments are built once, from locked wheels, and again without a network."""

from __future__ import annotations

import hashlib
import io
import subprocess
import threading
import zipfile
from pathlib import Path

import pytest

from dataminer.adapters.memory.blobs import MemoryBlobs
from dataminer.domain.errors import EnvironmentUnavailable
from dataminer.domain.methods import Passing
from tests.integration.running import UV, a_bench, an_output, text_of, tools_environ
from workers.environments import Environments
from workers.launcher import Launcher

MODULE = "def answer():\n    return 42\n"


@pytest.fixture
def shop(tmp_path):
    """A folder of wheels to download from."""
    folder = tmp_path / "shop"
    folder.mkdir()
    return folder


@pytest.fixture
def environ(shop, tmp_path):
    """What the tools get: the shop instead of an index, and a cache of their own."""
    return {
        "PIP_FIND_LINKS": str(shop),
        "PIP_NO_INDEX": "1",
        "UV_CACHE_DIR": str(tmp_path / "uv-cache"),
    }


@pytest.fixture
def bench(tmp_path, environ):
    with a_bench(tmp_path, **environ) as bench:
        yield bench


def a_wheel(folder: Path, name: str = "probe", module: str = MODULE) -> Path:
    path = folder / f"{name}-1.0-py3-none-any.whl"
    files = {
        f"{name}.py": module,
        f"{name}-1.0.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{name}-1.0.dist-info/WHEEL": (
            "Wheel-Version: 1.0\nGenerator: us\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    record = "".join(f"{file},,\n" for file in files)
    with zipfile.ZipFile(path, "w") as wheel:
        for file, content in files.items():
            wheel.writestr(file, content)
        wheel.writestr(f"{name}-1.0.dist-info/RECORD", record)
    return path


def a_lock(blobs: MemoryBlobs, *wheels: Path) -> str:
    """The digest of a lock of these wheels."""
    lines = [
        f"{wheel.name.split('-')[0]}==1.0 \\\n"
        f"    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
        for wheel in wheels
    ]
    return blobs.put(io.BytesIO("".join(lines).encode()))[0]


def a_script_that_asks(bench, lock: str):
    return bench.run("def main():\n    import probe\n    return probe.answer()", lock=lock,
                     passing=Passing.FUNCTION, outputs=(an_output("o"),))  # fmt: skip


def test_a_script_runs_with_the_libraries_of_its_lock(bench, shop):
    lock = a_lock(bench.blobs, a_wheel(shop))
    assert not bench.environments.ready(lock)

    outcome = a_script_that_asks(bench, lock)

    assert text_of(outcome, "o") == "42"
    assert outcome.place.environment == bench.environments.digest(lock)
    assert bench.environments.ready(lock)
    assert "note: downloading the method's libraries" in bench.watcher.lines


def test_an_environment_is_built_again_from_the_blob_store_alone(bench, shop):
    wheel = a_wheel(shop)
    lock = a_lock(bench.blobs, wheel)
    a_script_that_asks(bench, lock)
    wheel.unlink()
    (bench.environments._root / bench.environments.digest(lock)).rename(bench.folder / "gone")
    (bench.folder / "uv-cache").rename(bench.folder / "cache-gone")
    bench.watcher.lines.clear()

    outcome = a_script_that_asks(bench, lock)

    assert text_of(outcome, "o") == "42"
    assert bench.watcher.lines == ["note: installing the method's libraries: 1 wheels"]


def test_a_script_without_a_lock_sees_none_of_the_engines_libraries(bench):
    script = """
import importlib.util
import sys

names = ("dataminer", "celery", "pip", "sqlalchemy")
seen = ",".join(name for name in names if importlib.util.find_spec(name))
inside = sys.prefix != sys.base_prefix
"""

    outcome = bench.run(script, outputs=(an_output("seen"), an_output("inside")))

    assert text_of(outcome, "seen") == ""
    assert text_of(outcome, "inside") == "true"


def test_a_wheel_that_is_not_the_locked_one_is_refused(bench, shop):
    lock = a_lock(bench.blobs, a_wheel(shop))
    a_wheel(shop, module="evil = 1\n")

    outcome = a_script_that_asks(bench, lock)

    assert isinstance(outcome.failure, EnvironmentUnavailable)
    assert "probe" in str(outcome.failure)
    assert not bench.environments.ready(lock)
    assert list(bench.environments._root.glob("*.building")) == []


def test_a_source_distribution_is_never_built(bench, shop):
    wheel = a_wheel(shop)
    lock = a_lock(bench.blobs, wheel)
    wheel.rename(shop / "probe-1.0.zip")

    outcome = a_script_that_asks(bench, lock)

    assert isinstance(outcome.failure, EnvironmentUnavailable)


def test_a_lock_that_is_not_here_is_told(bench):
    with pytest.raises(EnvironmentUnavailable):
        bench.environments.ensure("0" * 64, print)


def test_what_a_dead_builder_left_behind_does_not_matter(bench, shop):
    lock = a_lock(bench.blobs, a_wheel(shop))
    left = bench.environments._root / f"{bench.environments.digest(lock)}.building" / "environment"
    left.mkdir(parents=True)

    environment = bench.environments.ensure(lock, print)

    assert environment.interpreter.exists()


def test_an_environment_whose_interpreter_has_gone_is_built_again(bench):
    interpreter = bench.environments.ensure("", print).interpreter
    interpreter.unlink()
    interpreter.symlink_to("/nowhere/python")

    again = bench.environments.ensure("", print)

    assert again.interpreter.exists()


def test_several_who_need_it_at_once_build_it_once(tmp_path, shop, environ):
    blobs = MemoryBlobs()
    lock = a_lock(blobs, a_wheel(shop))
    told: list[str] = []
    tools = {**tools_environ(), **environ}

    with Launcher() as launcher:
        nodes = [
            Environments(tmp_path / "root", blobs, launcher, uv=UV, environ=tools) for _ in range(4)
        ]
        threads = [threading.Thread(target=node.ensure, args=(lock, told.append)) for node in nodes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert told.count("downloading the method's libraries") == 1
    assert all(node.ready(lock) for node in nodes)


def test_libraries_are_compiled_when_they_are_installed(bench, shop):
    lock = a_lock(bench.blobs, a_wheel(shop))

    environment = bench.environments.ensure(lock, print)

    where = "import probe; print(probe.__cached__)"
    found = subprocess.run([environment.interpreter, "-B", "-c", where], capture_output=True,
                           text=True, check=True)  # fmt: skip
    assert Path(found.stdout.strip()).exists()
