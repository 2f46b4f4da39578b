"""Payloads on their way to a client: streamed, and never taken for a page of ours."""

from __future__ import annotations

from flask import Response, request, send_file

from dataminer.domain.workspaces import Item
from dataminer.web.session import engine

#: What a browser may show; all else it saves. SVG and HTML could hold scripts.
_SHOWN = frozenset(("text/plain", "text/csv", "image/png", "image/jpeg", "image/gif",
                    "application/json", "application/geo+json", "application/pdf"))  # fmt: skip


def send(item: Item) -> Response:
    """The item's bytes, with ranges and an entity tag."""
    return send_file(
        engine().open_payload(item),
        mimetype=item.media_type,
        as_attachment=item.media_type not in _SHOWN or "download" in request.args,
        download_name=item.name,
        etag=item.digest,
        last_modified=item.created_at,
        conditional=True,
    )
