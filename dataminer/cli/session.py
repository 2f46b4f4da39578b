"""What the commands share: settings, engine, caller, and how a list is shown."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

import click
from rich.console import Console
from rich.table import Table

from dataminer.bootstrap import Workbench, workbench
from dataminer.domain.tenants import Caller
from dataminer.engine import Engine
from dataminer.founding import found
from dataminer.settings import Settings, read_settings

console = Console()


@dataclass(kw_only=True)
class Session:
    """One run of the program; everything is made when first needed."""

    tenant: str
    user: str
    _opened: ExitStack = field(default_factory=ExitStack)

    @cached_property
    def settings(self) -> Settings:
        """As the environment says; addresses are those of the server on this data folder."""
        settings = read_settings()
        if settings.public_url or not settings.known_address.exists():
            return settings
        return replace(settings, public_url=settings.known_address.read_text(encoding="utf-8"))

    @cached_property
    def engine(self) -> Engine:
        """The engine on this data folder; computations run wherever the server runs them."""
        return found(self.settings)

    @cached_property
    def workbench(self) -> Workbench:
        """The engine with a runner, and a pool of its own where no server runs."""
        found(self.settings)
        return self._opened.enter_context(workbench(self.settings))

    @property
    def caller(self) -> Caller:
        """Whom the command acts as."""
        if self.settings.token:
            return self.engine.authenticate(self.settings.token)
        return self.engine.caller(self.tenant, self.user)

    def close(self) -> None:
        """End what was started."""
        self._opened.close()


def show_rows(columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    """A table; in a pipe, lines with tabs between the cells."""
    if not console.is_terminal:
        for row in rows:
            click.echo("\t".join("" if cell is None else str(cell) for cell in row))
        return
    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    console.print(table)


def when(moment: datetime | None) -> str:
    """A time as people read it, UTC."""
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""


def printable(text: str) -> str:
    """The text of a script without what would steer the terminal."""
    return "".join(c if c.isprintable() or c == "\t" else "\ufffd" for c in text)


def example(text: str) -> str:
    """The last part of a command's help."""
    return f"\b\nExample:\n  {text}"
