"""`/api/computations`: what was executed, and what can be done with it."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from dataminer.domain.computations import Computation, Status
from dataminer.domain.errors import InvalidInput
from dataminer.domain.workspaces import COMPUTATIONS
from dataminer.ports import ComputationQuery
from dataminer.web.files import send
from dataminer.web.records import computation_json, computation_row
from dataminer.web.session import addresses, caller, engine, page_size

blueprint = Blueprint("computations", __name__, url_prefix="/api/computations")

#: The files of a computation's folder that are made from the record when asked for.
PROVENANCE = {
    "provenance.xml": "application/provenance+xml",
    "provenance.json": "application/json",
    "provenance.ttl": "text/turtle",
}


@blueprint.get("")
def list_computations() -> Response:
    """The caller's computations, newest first, a page at a time."""
    query = ComputationQuery(
        tenant=caller().tenant,
        user=request.args.get("user") or None,
        status=_status(request.args.get("status", "")),
        method=request.args.get("method") or None,
        page_size=page_size(),
        after=request.args.get("after") or None,
    )
    page = engine().computations(caller(), query)
    return jsonify(computations=[computation_row(c) for c in page.rows], next=page.next_key)


@blueprint.get("/<computation_id>")
def show_computation(computation_id: str) -> Response:
    """One record, with its links."""
    return _answer(engine().computation(caller(), computation_id))


@blueprint.get("/<computation_id>/log")
def show_log(computation_id: str) -> Response:
    """Lines of the log from number `after` on; live while it runs."""
    after = max(0, request.args.get("after", 0, type=int))
    lines = engine().log(caller(), computation_id, after)
    return jsonify(lines=list(lines), next=after + len(lines))


@blueprint.get("/<computation_id>/files/<path:path>")
def show_file(computation_id: str, path: str) -> Response:
    """A file of the computation's folder: inputs, outputs, log.txt, provenance."""
    if media_type := PROVENANCE.get(path):
        document = engine().provenance(caller(), computation_id, media_type)
        return Response(document, mimetype=media_type)
    return send(engine().item(caller(), f"{COMPUTATIONS}/{computation_id}/{path}"))


@blueprint.post("/<computation_id>/resubmit")
def resubmit(computation_id: str) -> tuple[Response, int]:
    """The repetition: accepted, or with `?wait=true` ended, verdict and all."""
    if request.args.get("wait", "false") != "true":
        return _answer(engine().resubmit(caller(), computation_id)), 202
    with engine().place():
        repetition = engine().resubmit(caller(), computation_id)
        return _answer(engine().wait(caller(), repetition)), 200


@blueprint.post("/<computation_id>/dismiss")
def dismiss(computation_id: str) -> Response:
    """The record after the wish was noted."""
    return _answer(engine().dismiss(caller(), computation_id))


def _answer(computation: Computation) -> Response:
    folder = f"{COMPUTATIONS}/{computation.id}"
    paths = [item.path.removeprefix(f"{folder}/") for item in engine().items(caller(), folder).rows]
    paths += PROVENANCE if computation.status.has_ended else ()
    home = addresses().computation(computation.id)
    return jsonify(
        {
            **computation_json(computation),
            "files": [addresses().file(computation.id, path) for path in paths],
            "links": {name: f"{home}/{name}" for name in ("log", "events", "resubmit", "dismiss")},
        }
    )


def _status(text: str) -> Status | None:
    try:
        return Status(text) if text else None
    except ValueError:
        known = ", ".join(Status)
        raise InvalidInput("status", f"'{text}' is none of: {known}.") from None
