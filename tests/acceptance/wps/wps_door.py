"""The WPS door over an engine in memory whose runner computes in this process."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from werkzeug.serving import make_server
from werkzeug.test import Client, TestResponse

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
from dataminer.callers import CALLER
from dataminer.domain.addresses import Addresses
from dataminer.domain.computations import Computation
from dataminer.domain.errors import ScriptFailed
from dataminer.domain.methods import DataType, Format, Input, Method, Output, Runtime, Target
from dataminer.domain.tenants import Caller
from dataminer.domain.values import Binding, Payload, Value
from dataminer.engine import Engine, EngineLimits, NodeEngine
from dataminer.ports import DoorPorts, NodePorts, Outcome
from dataminer.wps.app import wps_application
from provenance.reader import ProvReader
from provenance.writer import ProvWriter
from tests.builders import PLACE, a_caller, a_method
from tests.conformance.validation import faults_of

BASE_URL = "http://dataminer.example/engine"
CRS84 = "urn:ogc:def:crs:OGC:1.3:CRS84"
MAX_BODY_BYTES = 40_000_000

_ANY = (Format(media_type="text/plain"), Format(media_type="text/xml"),
        Format(media_type="application/octet-stream"))  # fmt: skip

ECHO = a_method(
    identifier="echo",
    title="Echo",
    version="1.0",
    keywords=("echo", "a & b"),
    inputs=(
        Input(identifier="literalInput", type=DataType.STRING, min_occurs=0, title="A literal"),
        Input(identifier="complexInput", type=DataType.FILE, min_occurs=0, formats=_ANY),
        Input(identifier="boundingBoxInput", type=DataType.BBOX, min_occurs=0,
              crs=("EPSG:4326", CRS84)),
    ),
    outputs=(
        Output(identifier="literalOutput", type=DataType.STRING, optional=True),
        Output(identifier="complexOutput", type=DataType.FILE, formats=_ANY, optional=True),
        Output(identifier="boundingBoxOutput", type=DataType.BBOX, optional=True),
    ),
)  # fmt: skip

#: Every kind of literal, with everything that can be said of one; the outputs are like the inputs.
TYPED = a_method(
    identifier="TYPED",
    title="Every <type>",
    abstract='Gives "everything" back & more',
    inputs=(
        Input(identifier="count", type=DataType.INTEGER, minimum=1, maximum=9, max_occurs=3,
              title="How many"),
        Input(identifier="share", type=DataType.FLOAT, default="0.5", maximum=1.25, unit="%"),
        Input(identifier="level", type=DataType.FLOAT, min_occurs=0, minimum=-2, unit="m/s"),
        Input(identifier="flag", type=DataType.BOOLEAN, min_occurs=0),
        Input(identifier="day", type=DataType.DATE, min_occurs=0),
        Input(identifier="hour", type=DataType.TIME, min_occurs=0),
        Input(identifier="moment", type=DataType.DATETIME, min_occurs=0),
        Input(identifier="colour", type=DataType.STRING, choices=("red", "a < b"), default="red"),
        Input(identifier="table", type=DataType.TABLE, min_occurs=0),
        Input(identifier="shape", type=DataType.FILE, min_occurs=0, formats=(
            Format(media_type="text/xml", schema="http://example.org/shape.xsd"),
            Format(media_type="application/json"))),
    ),
    outputs=tuple(
        Output(identifier=name, type=kind, unit=unit, optional=True)
        for name, kind, unit in (
            ("count", DataType.INTEGER, ""), ("share", DataType.FLOAT, "%"),
            ("level", DataType.FLOAT, "m/s"), ("flag", DataType.BOOLEAN, ""),
            ("day", DataType.DATE, ""), ("hour", DataType.TIME, ""),
            ("moment", DataType.DATETIME, ""), ("colour", DataType.STRING, ""),
            ("table", DataType.TABLE, ""), ("shape", DataType.FILE, ""),
        )
    ),
)  # fmt: skip

FAILS = a_method(
    identifier="FAILS",
    inputs=(),
    outputs=(Output(identifier="loud", type=DataType.STRING),),
)
ABSENT = a_method(identifier="ABSENT", runtime=Runtime.OCTAVE, abstract="Needs Octave.")
METHODS = (ECHO, TYPED, FAILS, ABSENT)


@dataclass(kw_only=True)
class GivingBackRunner:
    """Gives inputs back as outputs of like names; `FAILS` fails."""

    blobs: MemoryBlobs
    before: Callable[[Computation, Any], None] = field(default=lambda _computation, _watcher: None)

    def run(self, computation: Computation, package: Any, watcher: Any) -> Outcome:
        assert package.digest == computation.package
        self.before(computation, watcher)
        failed = computation.method == "FAILS"
        return Outcome(
            outputs=() if failed else tuple(self._outputs(computation)),
            log=self.payload(b"done\n", "log.txt"),
            place=PLACE,
            exit_code=3 if failed else 0,
            failure=ScriptFailed("It ended with exit code 3: <no> & such") if failed else None,
        )

    def payload(self, content: bytes, name: str, media_type: str = "text/plain") -> Payload:
        digest, size_bytes = self.blobs.put(io.BytesIO(content))
        return Payload(digest=digest, size_bytes=size_bytes, media_type=media_type, name=name)

    def _outputs(self, computation: Computation) -> Iterator[Binding]:
        seen = set()
        for binding in computation.inputs:
            name = binding.identifier.replace("Input", "Output")
            if name not in seen:
                seen.add(name)
                yield Binding(identifier=name, value=_given_back(binding.value))


def _given_back(value: Value) -> Value:
    return replace(value, source="", encoding="") if isinstance(value, Payload) else value


@dataclass(kw_only=True)
class DoorUnderTest:
    """A door, what lies behind it, and ways to knock."""

    engine: Engine
    node: NodeEngine
    ports: DoorPorts
    runner: GivingBackRunner
    addresses: dict[str, bytes]  #: what lies where, for references
    caller: Caller | None = field(default_factory=a_caller)
    base_url: str = BASE_URL
    application: Any = None

    def __post_init__(self) -> None:
        self.application = wps_application(
            self.engine, public_url=self.base_url, max_body_bytes=MAX_BODY_BYTES
        )

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        environ[CALLER] = self.caller
        return self.application(environ, start_response)

    def get(self, path: str = "/", **more: Any) -> TestResponse:
        return _checked(Client(self).get(path, **more))

    def post(self, body: str | bytes, content_type: str = "text/xml", **more: Any) -> TestResponse:
        return _checked(Client(self).post("/", data=body, content_type=content_type, **more))

    def local(self, address: str) -> str:
        """An address that the door gave out, below where it is mounted."""
        assert address.startswith(f"{self.base_url}/wps")
        return address.removeprefix(f"{self.base_url}/wps")

    def computations(self) -> list[Computation]:
        return list(self.ports.computations._records.values())

    def run_all(self) -> None:
        for target in Target:
            while computation_id := self.node.next_waiting(target):
                self.node.run(computation_id)


def _checked(response: TestResponse) -> TestResponse:
    """Whatever the door says in the words of the standards is valid."""
    content = response.get_data()
    if content.lstrip().startswith(b"<?xml") and b"opengis.net" in content[:1000]:
        assert faults_of(content) == []
    return response


def a_door(
    *methods: Method, at_once: bool = True, sync_seconds: float = 20, base_url: str = BASE_URL
) -> DoorUnderTest:
    """With METHODS published; `at_once`: what is accepted is run before it is answered."""
    blobs = MemoryBlobs()
    runner = GivingBackRunner(blobs=blobs)
    contents: dict[str, bytes] = {}
    nodes: list[NodeEngine] = []  # the dispatcher is made before the node that it wakes

    def run_at_once(computation_id: str) -> None:
        nodes[0].run(computation_id)

    listener = run_at_once if at_once else None
    offered = frozenset((target, Runtime.PYTHON) for target in Target)
    common: dict[str, Any] = {
        "accounts": MemoryAccounts(),
        "catalogue": MemoryCatalogue(),
        "computations": MemoryComputations(),
        "workspace": MemoryWorkspace(),
        "blobs": blobs,
        "events": MemoryEvents(),
        "dispatchers": {target: MemoryDispatcher(listener) for target in Target},
        "clock": lambda: datetime.now(UTC),
    }
    unused: Any = None  # this door publishes nothing
    ports = DoorPorts(
        **common,
        nodes=MemoryNodes(offered),
        fetcher=MemoryFetcher(contents, blobs),
        scripts=unused,
        locker=unused,
        provenance=ProvWriter(base_url),
        recipes=ProvReader(),
        addresses=Addresses(base_url=base_url),
    )
    for method in methods or METHODS:
        ports.catalogue.publish(method)
    nodes.append(NodeEngine(NodePorts(**common, runner=runner, node="here")))
    limits = EngineLimits(sync_seconds=sync_seconds, sync_places=2)
    return DoorUnderTest(
        engine=Engine(ports, limits),
        node=nodes[0],
        ports=ports,
        runner=runner,
        addresses=contents,
        base_url=base_url,
    )


@contextmanager
def served(**options: Any) -> Iterator[DoorUnderTest]:
    """A door behind a real server on a free port; `base_url` is its address."""
    holder: list[DoorUnderTest] = []

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        environ["SCRIPT_NAME"] = "/wps"
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix("/wps")
        return holder[0](environ, start_response)

    server = make_server("127.0.0.1", 0, application, threaded=True)
    holder.append(a_door(base_url=f"http://127.0.0.1:{server.port}", **options))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield holder[0]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
