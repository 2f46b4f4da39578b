"""Give back what came in; imports next to nothing, so that it starts at once."""
# ruff: noqa: N803 - the names of the inputs are those that conformance suites look for

from __future__ import annotations

from pathlib import Path

BLOCK_BYTES = 1 << 20


def main(
    literalInput: str | None = None,
    complexInput: Path | None = None,
    boundingBoxInput: dict[str, object] | None = None,
) -> dict[str, object]:
    """Give each input back as the output of like name.

    Args:
        literalInput: any text.
        complexInput: any file; its bytes are not changed.
        boundingBoxInput: any box.
    """
    outputs = {
        "literalOutput": literalInput,
        "complexOutput": complexInput and _copy(complexInput),
        "boundingBoxOutput": boundingBoxInput,
    }
    return {identifier: value for identifier, value in outputs.items() if value is not None}


def _copy(source: Path) -> Path:
    """A file of the same name and content in the working folder."""
    target = Path(source.name)
    with source.open("rb") as reader, target.open("xb") as writer:
        while block := reader.read(BLOCK_BYTES):
            writer.write(block)
    return target
