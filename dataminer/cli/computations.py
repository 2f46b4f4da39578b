"""`run`, `computations`, `show`, `resubmit`, `dismiss`: what is and was executed."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path

import click

from dataminer.cli.amounts import used
from dataminer.cli.following import follow, progress_shown
from dataminer.cli.session import Session, example, printable, show_rows, when
from dataminer.domain.boxes import parse_box
from dataminer.domain.computations import Computation, Status
from dataminer.domain.errors import InvalidValue
from dataminer.domain.methods import DataType, Manifest
from dataminer.domain.orders import Offered, OfferedContent, OfferedLiteral, OfferedReference, Order
from dataminer.domain.recipes import Sameness
from dataminer.domain.values import Binding, BoundingBox, Literal, Payload, Value
from dataminer.ports import ComputationQuery

PROVENANCE = {
    "xml": "application/provenance+xml",
    "json": "application/json",
    "ttl": "text/turtle",
}


@click.command("run", epilog=example("dataminer run SORTWORDS text=@words.txt --out results"))
@click.argument("method")
@click.argument("inputs", nargs=-1, metavar="[NAME=VALUE | NAME=@FILE | NAME=ADDRESS]...")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the output files.")
@click.option("--no-wait", is_flag=True, help="Return once it is accepted.")
@click.pass_obj
def run(
    session: Session, method: str, inputs: tuple[str, ...], out: Path | None, *, no_wait: bool
) -> None:
    """Execute a method: on the running server, or here when none runs."""
    engine = session.workbench.engine
    manifest = engine.method(session.caller, method).manifest
    with ExitStack() as opened:
        offered = tuple(_offer(opened, manifest, text) for text in inputs)
        order = Order(method=method, inputs=offered)
        computation = engine.execute(session.caller, order)
    if no_wait:
        click.echo(computation.id)
        return
    with progress_shown(engine.watch(session.caller, computation.id)):
        ended = engine.wait(session.caller, computation)
    _finish(session, ended, out)


def _offer(opened: ExitStack, manifest: Manifest, text: str) -> tuple[str, Offered]:
    identifier, separator, value = text.partition("=")
    if not separator:
        raise click.UsageError(f"'{text}': write NAME=VALUE, or NAME=@FILE for a file")
    declared = manifest.input(identifier)
    if declared and declared.type is DataType.BBOX:
        try:
            return identifier, parse_box(value)
        except ValueError as error:
            raise InvalidValue(identifier, f"{error}.") from error
    if declared and declared.type.is_complex:
        return identifier, _offer_file(opened, identifier, value)
    return identifier, OfferedLiteral(text=value)


def _offer_file(opened: ExitStack, identifier: str, value: str) -> Offered:
    if not value.startswith("@"):
        return OfferedReference(href=value)
    path = Path(value[1:])
    if not path.is_file():
        raise InvalidValue(identifier, f"there is no file '{path}'.")
    return OfferedContent(stream=opened.enter_context(path.open("rb")), name=path.name)


@click.command("computations", epilog=example("dataminer computations --status failed"))
@click.option("--status", type=click.Choice([s.value for s in Status]), help="Only of this status.")
@click.option("--method", help="Only of this method.")
@click.option("--limit", default=20, show_default=True, help="How many.")
@click.option("--after", help="Continue a list: what the list before said.")
@click.option("--all-users", is_flag=True, help="Of everybody in the tenant (operators only).")
@click.pass_obj
def list_computations(
    session: Session,
    status: str | None,
    method: str | None,
    limit: int,
    after: str | None,
    *,
    all_users: bool,
) -> None:
    """List computations, newest first, with where each ran."""
    caller = session.caller
    page = session.engine.computations(
        caller,
        ComputationQuery(
            tenant=caller.tenant,
            user=None if all_users else caller.user,
            status=Status(status) if status else None,
            method=method,
            page_size=limit,
            after=after,
        ),
    )
    show_rows(
        ("computation", "status", "accepted (UTC)", "ran on", "verdict"),
        ((c.id, _status(c), when(c.accepted_at), _place(c), c.verdict) for c in page.rows),
    )
    if page.next_key:
        click.echo(f"older ones: --after '{page.next_key}'", err=True)


@click.command("show", epilog=example("dataminer show SORTWORDS_ID_… --log"))
@click.argument("computation_id")
@click.option("--log", "show_log", is_flag=True, help="The log as it is now.")
@click.option("--follow", "follows", is_flag=True, help="Log and progress live, to the end.")
@click.option("--provenance", type=click.Choice(list(PROVENANCE)), help="The PROV document.")
@click.pass_obj
def show(
    session: Session, computation_id: str, provenance: str | None, *, show_log: bool, follows: bool
) -> None:
    """Show one computation: values, where it ran, how it ended."""
    engine, caller = session.engine, session.caller
    if provenance:
        click.echo(engine.provenance(caller, computation_id, PROVENANCE[provenance]))
    elif show_log:
        for line in engine.log(caller, computation_id):
            click.echo(printable(line))
    else:
        if follows:
            follow(engine.watch(caller, computation_id))
        _describe(engine.computation(caller, computation_id))


@click.command("resubmit", epilog=example("dataminer resubmit provenance.xml"))
@click.argument("computation", metavar="COMPUTATION|PROV-FILE")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the output files.")
@click.pass_obj
def resubmit(session: Session, computation: str, out: Path | None) -> None:
    """Repeat a computation and say whether it gave the same.

    Exit status: 0 identical, 1 cannot be repeated, 2 differs.
    """
    engine, caller = session.workbench.engine, session.caller
    path = Path(computation)
    if path.is_file():
        repetition = engine.resubmit_document(caller, path.read_bytes())
    else:
        repetition = engine.resubmit(caller, computation)
    ended = engine.wait(caller, repetition)
    _save(session, ended, out)
    click.echo(f"{ended.id}\n{ended.verdict}")
    if ended.verdict and ended.verdict.sameness is not Sameness.IDENTICAL:
        raise SystemExit(2 if ended.verdict.sameness is Sameness.DIFFERS else 1)


@click.command("dismiss", epilog=example("dataminer dismiss WORDCOUNT_ID_…"))
@click.argument("computation_id")
@click.pass_obj
def dismiss(session: Session, computation_id: str) -> None:
    """Stop a computation; one that has ended is taken out of the lists."""
    computation = session.engine.dismiss(session.caller, computation_id)
    if computation.status.has_ended and computation.status is not Status.DISMISSED:
        click.echo(f"removed: {computation_id}")
    else:
        click.echo(f"dismissed: {computation_id}")


def _finish(session: Session, computation: Computation, out: Path | None) -> None:
    _save(session, computation, out)
    _describe(computation)
    if computation.status is not Status.SUCCEEDED:
        raise SystemExit(1)


def _save(session: Session, computation: Computation, out: Path | None) -> None:
    """Write the output files into a folder."""
    if out is None:
        return
    out.mkdir(parents=True, exist_ok=True)
    for binding in computation.outputs:
        if isinstance(binding.value, Payload):
            target = out / f"{binding.identifier}-{binding.value.name}"
            with (
                session.engine.open_payload(binding.value) as source,
                target.open("wb") as copy,
            ):
                shutil.copyfileobj(source, copy)


def _describe(computation: Computation) -> None:
    click.echo(f"{computation.id}\n  {_status(computation)}")
    if computation.message:
        click.echo("  " + computation.message.replace("\n", "\n  "))
    facts = (
        ("version", f"{computation.version} ({computation.package[:12]})"),
        ("ran on", _place(computation)),
        ("accepted", when(computation.accepted_at)),
        ("started", when(computation.started_at)),
        ("ended", when(computation.ended_at)),
        ("used", computation.usage and used(computation.usage)),
        ("repeats", computation.repeats),
        ("verdict", computation.verdict),
    )
    for name, fact in facts:
        if fact:
            click.echo(f"  {name:9} {fact}")
    for title, bindings in (("input", computation.inputs), ("output", computation.outputs)):
        for binding in bindings:
            click.echo(f"  {title:9} {_line(binding)}")


def _line(binding: Binding) -> str:
    return f"{binding.identifier} = {_text(binding.value)}"


def _text(value: Value) -> str:
    if isinstance(value, Literal):
        return f"{value.text} {value.unit}".strip()
    if isinstance(value, BoundingBox):
        return f"{value.lower} {value.upper} {value.crs}".strip()
    gone = ", deleted" if value.deleted_at else ""
    return f"{value.name} ({value.media_type}, {value.size_bytes:,} bytes{gone})"


def _status(computation: Computation) -> str:
    if computation.status is Status.RUNNING:
        return f"running {computation.percent} %"
    return computation.status.value


def _place(computation: Computation) -> str:
    node = f" on {computation.place.node}" if computation.place else ""
    return f"{computation.target}{node}"


COMMANDS = (run, list_computations, show, resubmit, dismiss)
