"""What computations have used, and are likely to use, at the command line and in the API."""

from __future__ import annotations

import io
from types import SimpleNamespace

import click
from click.testing import CliRunner
from flask.testing import FlaskClient

from dataminer.callers import CALLER
from dataminer.cli.computations import show
from dataminer.cli.methods import show_estimate
from dataminer.domain.computations import Computation
from dataminer.domain.orders import OfferedContent, Order
from dataminer.web.app import web_application
from tests.builders import a_caller
from tests.laboratory import Laboratory, a_laboratory

ADA = a_caller()
USED = {
    "wall_seconds": 1.25, "cpu_seconds": 0.5, "peak_memory_bytes": 120_000_000,
    "read_bytes": 3_000_000, "written_bytes": 1_500,
}  # fmt: skip


def execute(lab: Laboratory) -> Computation:
    offered = OfferedContent(stream=io.BytesIO(b"hello"))
    return lab.engine.execute(ADA, Order(method="SHOUT", inputs=(("text", offered),)))


def printed(lab: Laboratory, command: click.Command, *arguments: str) -> str:
    session = SimpleNamespace(engine=lab.engine, caller=ADA)
    done = CliRunner().invoke(command, arguments, obj=session, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def client(lab: Laboratory) -> FlaskClient:
    found = web_application(lab.engine).test_client()
    found.environ_base[CALLER] = ADA
    return found


def test_show_says_what_was_used() -> None:
    lab = a_laboratory(at_once=True)

    output = printed(lab, show, execute(lab).id)

    assert "  used      1.25 s, 0.5 s of CPU, 120 MB, read 3 MB, wrote 1.5 kB\n" in output


def test_show_is_silent_about_what_was_not_measured() -> None:
    lab = a_laboratory()

    assert "used" not in printed(lab, show, execute(lab).id)


def test_an_estimate_says_from_how_many_computations_it_is() -> None:
    lab = a_laboratory(at_once=True)
    for _ in range(2):
        execute(lab)

    assert printed(lab, show_estimate, "SHOUT") == (
        "from 2 computations of this version\n"
        "  time      half within 1.25 s, nine of ten within 1.25 s\n"
        "  memory    half within 120 MB, nine of ten within 120 MB\n"
    )


def test_where_nothing_is_known_an_estimate_says_so() -> None:
    assert "Nothing is known yet" in printed(a_laboratory(), show_estimate, "SHOUT")


def test_the_api_tells_usage() -> None:
    lab = a_laboratory(at_once=True)
    measured, door = execute(lab), client(lab)
    lab.runner.usage = None
    unmeasured = execute(lab)

    assert door.get(f"/api/computations/{measured.id}").json["usage"] == USED
    assert door.get(f"/api/computations/{unmeasured.id}").json["usage"] is None


def test_the_api_tells_an_estimate() -> None:
    lab = a_laboratory(at_once=True)
    door = client(lab)
    nothing = door.get("/api/methods/SHOUT/estimate").json
    execute(lab)

    estimate = door.get("/api/methods/SHOUT/estimate").json

    assert (nothing["runs"], nothing["wall_seconds"], nothing["peak_memory_bytes"]) == (
        0, None, None)  # fmt: skip
    assert (estimate["runs"], estimate["same_version"]) == (1, True)
    assert estimate["wall_seconds"] == {"median": 1.25, "percentile_90": 1.25}
    assert estimate["peak_memory_bytes"] == {"median": 120_000_000, "percentile_90": 120_000_000}
    assert door.get("/api/methods/NOTHING/estimate").status_code == 404
