"""`put`, `get`, `ls`, `rm`: the workspace."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

from dataminer.cli.session import Session, example, show_rows, when


@click.command("put", epilog=example('dataminer put iris.csv "Input Data Sets/iris.csv"'))
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("path")
@click.pass_obj
def put(session: Session, source: Path, path: str) -> None:
    """Store a file in the workspace; a path that ends in / is a folder."""
    target = f"{path}{source.name}" if path.endswith("/") else path
    with source.open("rb") as stream:
        item = session.engine.put_item(session.caller, target, stream)
    click.echo(f"{item.path}\t{session.engine.ports.addresses.item(item.path)}")


@click.command("get", epilog=example('dataminer get "Input Data Sets/iris.csv" iris.csv'))
@click.argument("path")
@click.argument("target", type=click.Path(path_type=Path), required=False)
@click.pass_obj
def get(session: Session, path: str, target: Path | None) -> None:
    """Write an item to a file, or to standard output."""
    item = session.engine.item(session.caller, path)
    with session.engine.open_payload(item) as source:
        if target is None:
            shutil.copyfileobj(source, sys.stdout.buffer)
            return
        with target.open("wb") as copy:
            shutil.copyfileobj(source, copy)


@click.command("ls", epilog=example("dataminer ls Computations/SORTWORDS_ID_…"))
@click.argument("folder", default="")
@click.option("--limit", default=100, show_default=True, help="How many.")
@click.option("--after", help="Continue a list: what the list before said.")
@click.pass_obj
def ls(session: Session, folder: str, limit: int, after: str | None) -> None:
    """List items below a folder, by path."""
    page = session.engine.items(session.caller, folder, limit, after)
    show_rows(
        ("path", "bytes", "media type", "created (UTC)"),
        ((i.path, i.size_bytes, i.media_type, when(i.created_at)) for i in page.rows),
    )
    if page.next_key:
        click.echo(f"more: --after '{page.next_key}'", err=True)


@click.command("rm", epilog=example('dataminer rm "Input Data Sets/iris.csv"'))
@click.argument("path")
@click.pass_obj
def rm(session: Session, path: str) -> None:
    """Remove an item; of a computation's file the record stays."""
    click.echo(f"removed: {session.engine.remove_item(session.caller, path).path}")


COMMANDS = (put, get, ls, rm)
