from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from tests.unit.algorithms.bundled import FOLDER, manifest

pytestmark = pytest.mark.skipif(not shutil.which("Rscript"), reason="R is not installed")

SCRIPT = FOLDER / "CARS" / "cars.R"


def draw(graph_name: str) -> bytes:
    """The plot with another name, as when the first assignment is replaced."""
    script = SCRIPT.read_text(encoding="utf-8")
    Path("script.R").write_text(script.replace('"Autos"', f'"{graph_name}"'), encoding="utf-8")
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": ".", "LANG": "C.UTF-8"}
    subprocess.run(["Rscript", "--vanilla", "script.R"], env=environment, check=True)
    return Path("result.png").read_bytes()


def test_a_picture_is_drawn_without_a_display():
    picture = draw("Autos")

    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", picture[16:24]) == (800, 600)


def test_the_same_name_gives_the_same_picture_and_another_name_another():
    assert draw("Autos") == draw("Autos") != draw("Voitures à Orléans")


def test_the_annotations_say_what_the_manifest_says():
    script = SCRIPT.read_text(encoding="utf-8")
    graph_name, plot_file = manifest("CARS")["input"][0], manifest("CARS")["output"][0]

    assert f"# wps.in: id = {graph_name['identifier']}, type = string" in script
    assert f"value = {graph_name['default']}" in script
    assert f"# wps.out: id = {plot_file['identifier']}, type = png" in script
