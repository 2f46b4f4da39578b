"""`/`: what this server is and holds, for people who look at it with a browser."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request

from dataminer import __version__
from dataminer.ports import ComputationQuery
from dataminer.web.session import addresses, caller, engine

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def show_home() -> str:
    """Methods, and the caller's computations a page at a time."""
    query = ComputationQuery(
        tenant=caller().tenant, page_size=20, after=request.args.get("after") or None
    )
    return render_template(
        "home.html",
        caller=caller(),
        version=__version__,
        base=addresses().base_url,
        methods=[(m, engine().is_offered(m)) for m in engine().methods(caller())],
        computations=engine().computations(caller(), query),
    )


@blueprint.get("/health")
def show_health() -> Response:
    """Whether this process answers, for load balancers; needs no caller."""
    return jsonify(status="ok", version=__version__)
