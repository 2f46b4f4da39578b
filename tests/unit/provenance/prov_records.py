"""Records for the tests of provenance: an ordinary one, and all that Hypothesis thinks of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from dataminer.domain.computations import Computation, Place, Status, Usage
from dataminer.domain.literals import canonical
from dataminer.domain.methods import (
    DataType,
    Input,
    Manifest,
    Method,
    Output,
    Package,
    Passing,
    Runtime,
    Target,
)
from dataminer.domain.recipes import Sameness, Verdict
from dataminer.domain.tables import Dialect
from dataminer.domain.values import Binding, BoundingBox, Literal, Payload, Value

MORNING = datetime(2026, 3, 31, 8, 0, tzinfo=UTC)
PUBLIC_URL = "https://example.org/dataminer"
INPUTS = {
    "points": DataType.TABLE,
    "eps": DataType.FLOAT,
    "minimum": DataType.INTEGER,
    "since": DataType.DATETIME,
    "scaled": DataType.BOOLEAN,
    "area": DataType.BBOX,
    "note": DataType.STRING,
}
OUTPUTS = {"clusters": DataType.TABLE, "count": DataType.INTEGER}


def a_method(inputs: dict = INPUTS, outputs: dict = OUTPUTS, **changes) -> Method:
    manifest = Manifest(
        identifier="DBSCAN",
        title="Density <based> & clustering",
        runtime=Runtime.PYTHON,
        entry="dbscan.py:main",
        passing=Passing.FUNCTION,
        inputs=tuple(Input(identifier=name, type=kind) for name, kind in inputs.items()),
        outputs=tuple(Output(identifier=name, type=kind) for name, kind in outputs.items()),
        version="1.2",
        author="A. Person",
        licence="Apache-2.0",
    )
    package = Package(manifest=replace(manifest, **changes), files=(), lock="e" * 64)
    return Method(
        package=package,
        digest=package.digest,
        tenant="demo",
        published_by="ann",
        published_at=MORNING,
    )


def a_file(**changes) -> Payload:
    payload = Payload(digest="a" * 64, size_bytes=12, media_type="text/csv", name="points.csv")
    return replace(payload, **changes)


def bindings(*pairs: tuple[str, Value]) -> tuple[Binding, ...]:
    return tuple(Binding(identifier=identifier, value=value) for identifier, value in pairs)


def a_computation(**changes) -> Computation:
    computation = Computation(
        id="DBSCAN_ID_11111111-2222-3333-4444-555555555555",
        method="DBSCAN",
        version="1.2",
        package=a_method().digest,
        target=Target.LOCAL,
        user="ann",
        tenant="demo",
        inputs=bindings(
            ("points", a_file(source="https://data.example.org/p.csv?year=2026",
                              dialect=Dialect(delimiter="\t", columns=("a", "b")))),
            ("eps", Literal(text="0.5", unit="m")),
            ("minimum", Literal(text="4")),
            ("since", Literal(text="2026-03-31T13:45:00Z")),
            ("scaled", Literal(text="true")),
            ("area", BoundingBox(lower=(10.0, 40.0), upper=(12.5, 44.0), crs="EPSG:4326")),
            ("note", Literal(text="first")),
            ("note", Literal(text="second")),
        ),
        outputs=bindings(
            ("clusters", a_file(digest="b" * 64, name="clusters.csv")),
            ("count", Literal(text="3")),
        ),
        accepted_at=MORNING,
        started_at=MORNING + timedelta(seconds=1),
        ended_at=MORNING + timedelta(seconds=4),
        address_key="the-address-key",
        status=Status.SUCCEEDED,
        percent=100,
        attempt=1,
        exit_code=0,
        place=Place(node="local@host", engine="0.1.0", platform="Linux x86_64",
                    interpreter="Python 3.11.7", environment="c" * 64),
        usage=Usage(wall_seconds=2.75, cpu_seconds=2, peak_memory_bytes=3_000_000_000,
                    read_bytes=10**12, written_bytes=0),
        log=a_file(digest="d" * 64, media_type="text/plain", name="log"),
    )  # fmt: skip
    return replace(computation, **changes)


def every_ending() -> dict[str, Computation]:
    """A computation for each way to end, and for each state before."""
    nothing = {"outputs": (), "exit_code": None}
    unstarted = {**nothing, "started_at": None, "place": None, "usage": None, "log": None,
                 "attempt": 0}  # fmt: skip
    return {
        "succeeded": a_computation(),
        "failed": a_computation(status=Status.FAILED, message="exit code 3", **nothing),
        "never started": a_computation(status=Status.FAILED, message="no node", **unstarted),
        "dismissed while running": a_computation(
            status=Status.DISMISSED, dismissal_asked_by="ann", **nothing
        ),
        "dismissed while waiting": a_computation(status=Status.DISMISSED, **unstarted),
        "without times": a_computation(status=Status.DISMISSED, **{**unstarted, "ended_at": None}),
        "running": a_computation(status=Status.RUNNING, **{**nothing, "ended_at": None}),
        "identical repetition": a_computation(
            repeats="DBSCAN_ID_0", verdict=Verdict(sameness=Sameness.IDENTICAL)
        ),
        "differing repetition": a_computation(
            repeats="DBSCAN_ID_0",
            verdict=Verdict(sameness=Sameness.DIFFERS, outputs=("clusters", 'a "b"')),
        ),
        "without inputs": a_computation(inputs=()),
    }


# --- what Hypothesis thinks of ------------------------------------------------------------------

_anything = st.text(st.characters(exclude_categories=()), max_size=20)
_awkward = st.sampled_from(
    ["]]>", " leading", "trailing \n", "\t", "\r", "\r\n", "'\"&<>", "prov:x", "a:b", "\x00\x1b",
     "\ud800", "\ufffe", "ü漢🜁", "\\u0041", '"""', "@prefix", "_:b1", "%20", "nul\0"]
)  # fmt: skip
texts = _anything | _awkward
names = texts.filter(bool)
_file_names = names.filter(lambda n: not set(n) & set("/\\\0") and n not in (".", ".."))
_digests = st.text("0123456789abcdef", min_size=64, max_size=64)
_moments = st.datetimes(min_value=datetime(1990, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_numbers = st.floats(allow_nan=False)
_addresses = st.sampled_from(
    ["", "https://ann:secret@host/a?b=1&gcube-token=secret#c", "http://[broken", "a b\n", "?wsdl"]
)
_dialects = st.builds(
    Dialect,
    delimiter=st.sampled_from(",;\t|"),
    decimal=st.sampled_from(",."),
    encoding=st.sampled_from(["utf-8", "utf-16-le", "cp1252"]),
    byte_order_mark=st.booleans(),
    columns=st.lists(texts, max_size=3).map(tuple),
)
_files = st.builds(
    Payload,
    digest=_digests,
    size_bytes=st.integers(0, 10**18 - 1),
    media_type=texts,
    name=_file_names,
    encoding=texts,
    schema=_addresses,
    source=_addresses,
    dialect=st.none() | _dialects,
    deleted_at=st.none() | _moments,
)
_corners = st.lists(_numbers, min_size=1, max_size=3).map(tuple)
_boxes = st.builds(BoundingBox, lower=_corners, upper=_corners, crs=texts)
_written = {
    DataType.STRING: texts,
    DataType.INTEGER: st.integers().map(str),
    DataType.FLOAT: st.floats().map(str),
    DataType.BOOLEAN: st.sampled_from(["true", "false"]),
    DataType.DATE: st.dates().map(str),
    DataType.TIME: st.times(timezones=st.none() | st.timezones()).map(str),
    DataType.DATETIME: st.datetimes(min_value=datetime(2, 1, 1)).map(str),  # noqa: DTZ001
}


@st.composite
def _typed_values(draw: st.DrawFn) -> tuple[DataType, Value]:
    kind = draw(st.sampled_from(DataType))
    if kind.is_complex:
        return kind, draw(_files)
    if kind is DataType.BBOX:
        return kind, draw(_boxes)
    text = canonical(kind, draw(_written[kind])) if draw(st.booleans()) else draw(texts)
    return kind, Literal(text=text, unit=draw(texts))


_ports = st.dictionaries(names, st.lists(_typed_values(), min_size=1, max_size=2), max_size=3)


def _types(ports: dict) -> dict[str, DataType]:
    return {name: values[0][0] for name, values in ports.items()}


def _bindings(ports: dict) -> tuple[Binding, ...]:
    return bindings(*((name, value) for name, values in ports.items() for _, value in values))


@st.composite
def records(draw: st.DrawFn) -> tuple[Computation, Method]:
    """Any computation, with a method that declares its inputs and outputs."""
    inputs, outputs = draw(_ports), draw(_ports)
    template = draw(st.sampled_from(list(every_ending().values())))
    environment = draw(st.sampled_from(["", "c" * 64]))
    computation = replace(
        template,
        inputs=_bindings(inputs),
        outputs=_bindings(outputs),
        message=draw(texts),
        log=draw(st.none() | _files),
        place=template.place and replace(template.place, environment=environment),
    )
    return computation, a_method(_types(inputs), _types(outputs), title=draw(texts))
