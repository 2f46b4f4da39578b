"""Our side: the same processes as methods, and the WPS door over an engine in memory."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dataminer.adapters.memory import (
    MemoryAccounts,
    MemoryBlobs,
    MemoryCatalogue,
    MemoryComputations,
    MemoryDispatcher,
    MemoryEvents,
    MemoryFetcher,
    MemoryNodes,
    MemoryWorkspace,
)
from dataminer.callers import CALLER, Application
from dataminer.domain.addresses import Addresses
from dataminer.domain.computations import Ending, Status
from dataminer.domain.methods import (
    DataType,
    Format,
    Input,
    Manifest,
    Method,
    Output,
    Package,
    Passing,
    Runtime,
    Target,
)
from dataminer.domain.tenants import Caller
from dataminer.domain.values import Binding
from dataminer.engine import Engine
from dataminer.ports import DoorPorts
from dataminer.wps.app import wps_application

_CALLER = Caller(user="local", tenant="demo")
_TEXT = (Format(media_type="text/plain"),)
_CRS = ("EPSG:4326",)


def methods(count: int) -> list[Method]:
    """So many methods that are like the peer's processes, `echo` first."""
    return [_method("echo"), *(_method(f"process{n:04}") for n in range(1, count))]


def _method(identifier: str) -> Method:
    manifest = Manifest(
        identifier=identifier,
        title=f"Process {identifier}",
        abstract="Gives each input back as the output of like name.",
        version="1.0",
        runtime=Runtime.PYTHON,
        entry="echo.py:main",
        passing=Passing.FUNCTION,
        inputs=(
            Input(identifier="literalInput", type=DataType.STRING, min_occurs=0),
            Input(identifier="complexInput", type=DataType.FILE, min_occurs=0, formats=_TEXT),
            Input(identifier="boundingBoxInput", type=DataType.BBOX, min_occurs=0, crs=_CRS),
        ),
        outputs=(
            Output(identifier="literalOutput", type=DataType.STRING, optional=True),
            Output(identifier="complexOutput", type=DataType.FILE, formats=_TEXT, optional=True),
            Output(identifier="boundingBoxOutput", type=DataType.BBOX, crs=_CRS, optional=True),
        ),
    )
    package = Package(manifest=manifest, files=())
    return Method(
        package=package,
        digest=package.digest,
        tenant=None,
        published_by="local",
        published_at=datetime.now(UTC),
    )


def create_application(count: int) -> Application:
    """The WPS door; a computation has ended, with its inputs as outputs, when it is dispatched."""
    computations, blobs, events = MemoryComputations(), MemoryBlobs(), MemoryEvents()

    def end_at_once(computation_id: str) -> None:
        inputs = computations.get(computation_id).inputs
        outputs = tuple(
            Binding(identifier=b.identifier.replace("Input", "Output"), value=b.value)
            for b in inputs
        )
        computations.finish(computation_id, 0, Ending(status=Status.SUCCEEDED, outputs=outputs))
        events.ended(computation_id)

    unused: Any = None  # nothing is published, read or run here
    ports = DoorPorts(
        accounts=MemoryAccounts(),
        catalogue=MemoryCatalogue(),
        computations=computations,
        workspace=MemoryWorkspace(),
        blobs=blobs,
        events=events,
        dispatchers={target: MemoryDispatcher(end_at_once) for target in Target},
        clock=lambda: datetime.now(UTC),
        nodes=MemoryNodes([(Target.LOCAL, Runtime.PYTHON)]),
        fetcher=MemoryFetcher({}, blobs),
        scripts=unused,
        locker=unused,
        provenance=unused,
        recipes=unused,
        addresses=Addresses(base_url="http://127.0.0.1"),
    )
    for method in methods(count):
        ports.catalogue.publish(method)
    door = wps_application(Engine(ports), public_url="http://127.0.0.1", max_body_bytes=256_000_000)

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        environ[CALLER] = _CALLER
        return door(environ, start_response)

    return application
