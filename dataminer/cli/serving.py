"""`serve` and the parts that it starts: `web`, `pool`, `worker`, `scheduler`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from dataminer import parts
from dataminer.bootstrap import nodes
from dataminer.cli.amounts import size
from dataminer.cli.session import Session, example, show_rows
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


@click.command("nodes", epilog=example("dataminer nodes"))
@click.pass_obj
def list_nodes(session: Session) -> None:
    """List the nodes that live, what each can run, and how it launches scripts."""
    show_rows(
        ("node", "runs", "runtimes", "warm hits", "warm starts", "cold", "kept warm"),
        (
            (
                node.name,
                node.target,
                " ".join(sorted(node.runtimes)),
                node.counts.get("hits"),
                node.counts.get("starts"),
                node.counts.get("cold"),
                size(node.counts.get("memory_bytes", 0)),
            )
            for node in nodes(session.settings).living()
        ),
    )


COMMANDS = (serve, web, pool, worker, scheduler, list_nodes)
