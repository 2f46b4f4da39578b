"""The Flask application of this door."""

from __future__ import annotations

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from dataminer.domain.errors import DataMinerError
from dataminer.engine import Engine
from dataminer.web import computations, events, items, methods, pages
from dataminer.web.faults import answer_http_fault, answer_our_fault
from dataminer.web.session import ENGINE

_MOST_PARTS_BYTES = 1_000_000  #: of a form; items are streamed and not bounded by this


def web_application(engine: Engine) -> Flask:
    """A WSGI application serving `/`, and the API below `/api`."""
    app = Flask(__name__)
    app.extensions[ENGINE] = engine
    app.config["MAX_FORM_MEMORY_SIZE"] = _MOST_PARTS_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined] # of Flask's default provider
    for module in (pages, methods, computations, events, items):
        app.register_blueprint(module.blueprint)
    app.register_error_handler(DataMinerError, answer_our_fault)
    app.register_error_handler(HTTPException, answer_http_fault)
    app.after_request(_guard)
    return app


def _guard(response: Response) -> Response:
    """What a script or a name among the data can not talk the browser into."""
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; img-src 'self'; style-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
