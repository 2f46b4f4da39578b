"""Run a package's example, before anybody else can."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from dataminer.domain.boxes import parse_box
from dataminer.domain.computations import Computation, Status, new_address_key
from dataminer.domain.errors import ScriptFault, ScriptRejected
from dataminer.domain.literals import canonical
from dataminer.domain.methods import DataType, Example, Input, Output, Package
from dataminer.domain.orders import Offered, OfferedContent, OfferedLiteral
from dataminer.domain.tenants import Caller
from dataminer.domain.values import Literal, Payload, Value
from dataminer.ports import DoorPorts, Outcome, Runner, Watcher
from dataminer.usecases.accept import accept_inputs

_IS_FILE = "@"


def try_example(
    ports: DoorPorts,
    runner: Runner,
    caller: Caller,
    package: Package,
    files: dict[str, Path],
    limit_bytes: int,
    watcher: Watcher,
) -> Outcome | None:
    """What came of the example; None: the package has none.

    Raises:
        ScriptRejected: the example failed, or gave other outputs than its author expects.
    """
    example = package.manifest.example
    if example is None:
        return None
    computation = _computation(ports, caller, package, example, files, limit_bytes)
    outcome = runner.run(computation, package, watcher)
    faults = [f"the example failed: {outcome.failure}"] if outcome.failure else [
        f"the example's output '{identifier}' is not what method.toml expects"
        for identifier, text in example.outputs
        if not _agrees(ports, package, files, outcome, identifier, text)
    ]  # fmt: skip
    if faults:
        raise ScriptRejected(tuple(ScriptFault(message=fault) for fault in faults))
    return outcome


def _computation(
    ports: DoorPorts,
    caller: Caller,
    package: Package,
    example: Example,
    files: dict[str, Path],
    limit_bytes: int,
) -> Computation:
    """A running computation that no store knows."""
    manifest = package.manifest
    with ExitStack() as opened:
        offered = tuple(
            (identifier, _offer(opened, declared, files, text))
            for identifier, text in example.inputs
            if (declared := manifest.input(identifier))
        )
        inputs = accept_inputs(ports, caller, manifest, offered, limit_bytes)
    return Computation(
        id=f"{manifest.identifier}_EXAMPLE_{package.digest[:12]}",
        method=manifest.identifier,
        version=manifest.version,
        package=package.digest,
        target=manifest.target,
        user=caller.user,
        tenant=caller.tenant,
        inputs=inputs,
        accepted_at=ports.clock(),
        address_key=new_address_key(),
        status=Status.RUNNING,
        attempt=1,
    )


def _offer(opened: ExitStack, declared: Input, files: dict[str, Path], text: str) -> Offered:
    if declared.type is DataType.BBOX:
        return parse_box(text)
    if not declared.type.is_complex:
        return OfferedLiteral(text=text)
    path = files[text.removeprefix(_IS_FILE)]
    return OfferedContent(stream=opened.enter_context(path.open("rb")), name=path.name)


def _agrees(
    ports: DoorPorts,
    package: Package,
    files: dict[str, Path],
    outcome: Outcome,
    identifier: str,
    expected: str,
) -> bool:
    declared = package.manifest.output(identifier)
    found = next((b.value for b in outcome.outputs if b.identifier == identifier), None)
    return declared is not None and found == _expected(ports, declared, files, found, expected)


def _expected(
    ports: DoorPorts, declared: Output, files: dict[str, Path], found: Value | None, text: str
) -> Value | None:
    """The expected value, in the clothes of the one that was found."""
    if isinstance(found, Payload):
        with files[text.removeprefix(_IS_FILE)].open("rb") as stream:
            digest, _ = ports.blobs.put(stream)
        return found if digest == found.digest else None
    if isinstance(found, Literal):
        same = canonical(declared.type, text) == found.text
        return found if same else None
    return parse_box(text)
