"""How commands show what happens to a computation while it runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from dataminer.cli.session import printable
from dataminer.domain.events import Event, Logged, Progressed, Sight


def follow(sights: Iterator[Sight]) -> None:
    """Print the log, and progress on standard error, to the end."""
    for sight in sights:
        match sight:
            case Event(what=Logged(line=line)):
                click.echo(printable(line))
            case Event(what=Progressed(percent=percent, message=message)):
                click.echo(f"  {percent:3d} % {printable(message)}", err=True)


@contextmanager
def progress_shown(sights: Iterator[Sight]) -> Iterator[None]:
    """A bar on standard error, if that is a terminal, that follows the progress beside."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with Progress(console=console, transient=True) as bar:
        Thread(target=_move, args=(bar, sights), daemon=True).start()
        yield


def _move(bar: Progress, sights: Iterator[Sight]) -> None:
    task = bar.add_task("")
    for sight in sights:
        if isinstance(sight, Event) and isinstance(sight.what, Progressed):
            message = escape(printable(sight.what.message))
            bar.update(task, completed=sight.what.percent, description=message)
