"""`/api/methods`: what can be executed."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from dataminer.web.records import estimate_json, method_json
from dataminer.web.session import caller, engine

blueprint = Blueprint("methods", __name__, url_prefix="/api/methods")


@blueprint.get("")
def list_methods() -> Response:
    """The newest version of each method, with whether a node can run it now."""
    rows = engine().methods(caller())
    return jsonify(methods=[{**method_json(m), "offered": engine().is_offered(m)} for m in rows])


@blueprint.get("/<reference>")
def show_method(reference: str) -> Response:
    """One method, by `identifier` or `identifier@version`, with all its versions."""
    method = engine().method(caller(), reference)
    versions = engine().versions(caller(), method.identifier)
    return jsonify(
        {
            **method_json(method),
            "offered": engine().is_offered(method),
            "versions": [{"version": v.manifest.version, "digest": v.digest} for v in versions],
        }
    )


@blueprint.get("/<reference>/estimate")
def show_estimate(reference: str) -> Response:
    """What a computation of the method is likely to use, from those before it."""
    method = engine().method(caller(), reference)
    facts = {"identifier": method.identifier, "digest": method.digest}
    return jsonify({**facts, **estimate_json(engine().estimate(caller(), reference))})
