"""Bare PyWPS with the same processes, as its manual says, but for what would flatter us.

It logs at ERROR level: by default it prints every SQL statement. As many requests as come may run
at a time: by default a third is refused.
"""

from __future__ import annotations

import tempfile
from typing import Any

from pywps import (
    BoundingBoxInput,
    BoundingBoxOutput,
    ComplexInput,
    ComplexOutput,
    Format,
    LiteralInput,
    LiteralOutput,
    Process,
    Service,
    configuration,
)

_TEXT = [Format("text/plain")]
_CRS = ["EPSG:4326"]


class Echo(Process):
    """Gives each input back."""

    def __init__(self, identifier: str) -> None:
        super().__init__(
            self._give_back,
            identifier,
            f"Process {identifier}",
            abstract="Gives each input back as the output of like name.",
            version="1.0",
            inputs=[
                LiteralInput("literalInput", "A literal", data_type="string", min_occurs=0),
                ComplexInput("complexInput", "A file", supported_formats=_TEXT, min_occurs=0),
                BoundingBoxInput("boundingBoxInput", "A box", crss=_CRS, min_occurs=0),
            ],
            outputs=[
                LiteralOutput("literalOutput", "A literal", data_type="string"),
                ComplexOutput("complexOutput", "A file", supported_formats=_TEXT),
                BoundingBoxOutput("boundingBoxOutput", "A box", crss=_CRS),
            ],
            store_supported=True,
            status_supported=True,
        )

    @staticmethod
    def _give_back(request: Any, response: Any) -> Any:
        response.outputs["literalOutput"].data = request.inputs["literalInput"][0].data
        response.outputs["complexOutput"].data = ""
        response.outputs["boundingBoxOutput"].data = [0, 0, 1, 1]
        return response


def create_application(count: int) -> Service:
    """A WSGI application that offers so many processes, `echo` first."""
    configuration.load_configuration()
    folder = tempfile.gettempdir()
    settings = {
        ("logging", "level"): "ERROR",
        ("server", "parallelprocesses"): "-1",
        ("server", "maxprocesses"): "-1",
        ("server", "workdir"): folder,
        ("server", "outputpath"): folder,
    }
    for (section, option), value in settings.items():
        configuration.CONFIG.set(section, option, value)
    return Service([Echo("echo"), *(Echo(f"process{n:04}") for n in range(1, count))])
