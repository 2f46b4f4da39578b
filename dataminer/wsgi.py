"""The web server's application: the doors, behind the one that finds the caller."""

from __future__ import annotations

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from dataminer.bootstrap import MEGABYTE, door_engine
from dataminer.callers import Application, Callers
from dataminer.founding import LOCAL
from dataminer.logs import log_to_stderr
from dataminer.settings import Settings, read_settings
from dataminer.web.app import web_application
from dataminer.wps.app import wps_application


def create_application(settings: Settings | None = None) -> Application:
    """A WSGI application for one web process; make it after the fork."""
    settings = settings or read_settings()
    log_to_stderr()
    engine = door_engine(settings)
    wps = wps_application(
        engine, public_url=settings.base_url, max_body_bytes=settings.max_request_mb * MEGABYTE
    )
    doors = DispatcherMiddleware(web_application(engine), {"/wps": wps})
    anonymous = LOCAL if settings.anonymous else None
    return Callers(doors, engine, anonymous=anonymous, port=settings.port)
