from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.unit.algorithms.bundled import FOLDER, example_inputs, expected_bytes, load

echo = load("echo")


def test_the_example_gives_what_is_expected():
    outputs = echo.main(**example_inputs("echo"))

    assert outputs["literalOutput"] == "hello_literal"
    assert outputs["complexOutput"].read_bytes() == expected_bytes("echo", "complexOutput")


def test_nothing_in_gives_nothing_out():
    assert echo.main() == {}


def test_an_empty_text_is_given_back():
    assert echo.main(literalInput="") == {"literalOutput": ""}


def test_a_box_is_given_back():
    box = {"lower": [10, 40], "upper": [12, 44], "crs": "EPSG:4326"}

    assert echo.main(boundingBoxInput=box) == {"boundingBoxOutput": box}


def test_a_file_is_given_back_byte_for_byte_under_its_name(monkeypatch, tmp_path):
    monkeypatch.setattr(echo, "BLOCK_BYTES", 10)
    source = tmp_path / "data.bin"
    source.write_bytes(bytes(range(256)))

    copy = echo.main(complexInput=source)["complexOutput"]

    assert copy == Path("data.bin")
    assert copy.read_bytes() == source.read_bytes()


def test_the_script_loads_nothing_that_a_driver_has_not_loaded_anyway():
    code = """if True:
        import importlib.util, pathlib, sys
        before = set(sys.modules)
        spec = importlib.util.spec_from_file_location("script", sys.argv[1])
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
        print(*sorted(set(sys.modules) - before))
    """

    script = FOLDER / "echo" / "echo.py"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, script], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() in ([], ["__future__"])
