"""The folders of the bundled methods, and their scripts as modules."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parents[3] / "algorithms"
IDENTIFIERS = sorted(path.parent.name for path in FOLDER.glob("*/method.toml"))


def manifest(identifier: str) -> dict:
    return tomllib.loads((FOLDER / identifier / "method.toml").read_text(encoding="utf-8"))


def example_inputs(identifier: str) -> dict:
    """The example's inputs as the script gets them; boxes are left out."""
    boxes = [i["identifier"] for i in manifest(identifier)["input"] if i["type"] == "bbox"]
    inputs = manifest(identifier)["example"]["inputs"]
    return {name: _value(identifier, v) for name, v in inputs.items() if name not in boxes}


def expected_bytes(identifier: str, output: str) -> bytes:
    return _value(identifier, manifest(identifier)["example"]["outputs"][output]).read_bytes()


def load(identifier: str) -> ModuleType:
    """A method's script; modules beside it are there while it is imported, and not after."""
    folder = FOLDER / identifier
    before = set(sys.modules)
    script = folder / manifest(identifier)["entry"].partition(":")[0]
    spec = importlib.util.spec_from_file_location(f"{identifier}_script", script)
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(folder))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(folder))
        for name in set(sys.modules) - before:
            if Path(getattr(sys.modules[name], "__file__", None) or "/").parent == folder:
                del sys.modules[name]
    return module


def _value(identifier: str, value: object) -> object:
    at = isinstance(value, str) and value.startswith("@")
    return FOLDER / identifier / value[1:] if at else value
