"""`/api/items`: the caller's workspace."""

from __future__ import annotations

from typing import BinaryIO, cast

from flask import Blueprint, Response, jsonify, request

from dataminer.domain.workspaces import Item
from dataminer.web.files import send
from dataminer.web.records import Json, item_json
from dataminer.web.session import addresses, caller, engine, page_size

blueprint = Blueprint("items", __name__, url_prefix="/api/items")


@blueprint.get("")
def list_items() -> Response:
    """Items below a folder, by path, a page at a time."""
    folder, after = request.args.get("folder", ""), request.args.get("after") or None
    page = engine().items(caller(), folder, page_size(100), after)
    return jsonify(items=[_row(i) for i in page.rows], next=page.next_key)


@blueprint.get("/<path:path>")
def get_item(path: str) -> Response:
    """The item's bytes."""
    return send(engine().item(caller(), path))


@blueprint.put("/<path:path>")
def put_item(path: str) -> tuple[Response, int]:
    """Store the body as an item; the one that was there is replaced."""
    item = engine().put_item(caller(), path, cast("BinaryIO", request.stream), request.mimetype)
    return jsonify(_row(item)), 201


@blueprint.delete("/<path:path>")
def remove_item(path: str) -> Response:
    """Remove an item."""
    return jsonify(_row(engine().remove_item(caller(), path)))


def _row(item: Item) -> Json:
    return item_json(item, addresses().item(item.path))
