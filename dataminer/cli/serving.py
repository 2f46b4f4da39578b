"""`serve` and the parts that it starts: `web`, `pool`, `worker`, `scheduler`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from dataminer import parts
from dataminer.cli.session import Session, example
from dataminer.logs import log_to_stderr
from dataminer.settings import read_settings


@click.command("serve", epilog=example("DATAMINER_ANONYMOUS=1 dataminer serve --port 8080"))
@click.option("--port", type=int, help="Port to listen on.")
@click.option("--host", help="Address to listen on.")
@click.option("--home", type=click.Path(path_type=Path), help="The data folder.")
def serve(port: int | None, host: str | None, home: Path | None) -> None:
    """Start everything on this host: broker, web server, pool, cloud worker, scheduler.

    Parts that die are started again. Ctrl-C ends them all.
    """
    settings = read_settings(port=port, host=host, home=home)
    sys.exit(0 if parts.supervise(settings, click.echo) else 1)


@click.command("web", epilog=example("dataminer web"))
@click.pass_obj
def web(session: Session) -> None:
    """Start the web server alone."""
    parts.serve_web(session.settings)


@click.command("pool", epilog=example("dataminer pool"))
@click.pass_obj
def pool(session: Session) -> None:
    """Start this host's pool alone: it runs local methods."""
    log_to_stderr()
    parts.serve_pool(session.settings)


@click.command("worker", epilog=example("dataminer worker"))
@click.pass_obj
def worker(session: Session) -> None:
    """Start a cloud worker alone: it runs cloud methods."""
    parts.serve_worker(session.settings)


@click.command("scheduler", epilog=example("dataminer scheduler"))
@click.pass_obj
def scheduler(session: Session) -> None:
    """Start the scheduler alone: it looks for computations that nobody works on."""
    log_to_stderr()
    parts.serve_scheduler(session.settings)


COMMANDS = (serve, web, pool, worker, scheduler)
