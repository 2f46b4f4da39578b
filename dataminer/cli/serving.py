"""`serve` and the parts that it starts: `web`, `pool`, `worker`, `scheduler`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from dataminer import parts
from dataminer.cli.session import example
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
def web() -> None:
    """Start the web server alone."""
    parts.serve_web(read_settings())


@click.command("pool", epilog=example("dataminer pool"))
def pool() -> None:
    """Start this host's pool alone: it runs local methods."""
    log_to_stderr()
    parts.serve_pool(read_settings())


@click.command("worker", epilog=example("dataminer worker"))
def worker() -> None:
    """Start a cloud worker alone: it runs cloud methods."""
    parts.serve_worker(read_settings())


@click.command("scheduler", epilog=example("dataminer scheduler"))
def scheduler() -> None:
    """Start the scheduler alone: it looks for computations that nobody works on."""
    log_to_stderr()
    parts.serve_scheduler(read_settings())


COMMANDS = (serve, web, pool, worker, scheduler)
