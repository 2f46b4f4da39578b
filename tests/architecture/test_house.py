"""The house stays as it is drawn."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("dataminer", "algorithms", "importer", "provenance", "workers")
LONGEST_FUNCTION = 45  #: lines; a screen
SOURCES = sorted(p for package in PACKAGES for p in (ROOT / package).rglob("*.py"))


def test_no_other_distribution_owns_files_under_our_names() -> None:
    owners = {
        (distribution.name, file.parts[0])
        for distribution in distributions()
        for file in distribution.files or ()
        if file.parts[0] in PACKAGES and distribution.name != "dataminer"
    }

    assert owners == set()


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_function_fits_a_screen(source: Path) -> None:
    functions = [
        node
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    long = [f.name for f in functions if f.end_lineno - f.lineno >= LONGEST_FUNCTION]

    assert long == []


def test_nodes_load_no_pywps() -> None:
    code = "import dataminer.bootstrap as b, sys; b.node_engine; print('pywps' in sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == "False"


def test_locks_name_no_download_host() -> None:
    locks = [*ROOT.glob("*.lock"), *(ROOT / "algorithms").rglob("*.lock")]

    assert len(locks) >= 2
    for lock in locks:
        assert "://" not in lock.read_text(), lock
