"""`import`, `methods`, `estimate`, `withdraw`: scripts become methods."""

from __future__ import annotations

from pathlib import Path

import click

from dataminer.cli.amounts import duration, size
from dataminer.cli.session import Session, example, show_rows
from dataminer.domain.methods import MIN_DIGEST_DIGITS
from importer.description import describe


@click.command("import", epilog=example("dataminer import sort_words.py"))
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--no-trial", is_flag=True, help="Publish without running the example.")
@click.option("--for-everybody", is_flag=True, help="For all tenants (operators only).")
@click.option("--dry-run", is_flag=True, help="Show what a client will see, and stop.")
@click.pass_obj
def import_script(
    session: Session, path: Path, *, no_trial: bool, for_everybody: bool, dry_run: bool
) -> None:
    """Publish a script, or a folder with a method.toml, as a method.

    Shows the description that clients will see, runs the example if there is one, and
    publishes. A running server lists the method with the next request.
    """
    engine = session.workbench.engine
    draft = engine.read_script(path)
    click.echo(describe(draft.manifest))
    for note in draft.notes:
        click.echo(f"note: {note}", err=True)
    if dry_run:
        return
    package = engine.pack(draft)
    if not no_trial:
        runner = session.workbench.runner
        outcome = engine.try_example(session.caller, draft, package, runner, _Echo())
        click.echo("example: succeeded" if outcome else "example: none given")
    method = engine.publish(session.caller, package, for_everybody=for_everybody)
    click.echo(
        f"published: {method.identifier}, version {method.manifest.version}, "
        f"package {method.digest[:MIN_DIGEST_DIGITS]}"
    )


class _Echo:
    """Shows what an example prints."""

    def progressed(self, percent: int, message: str) -> None:
        click.echo(f"  {percent:3d} % {message}", err=True)

    def logged(self, line: str) -> None:
        click.echo(f"  | {line}", err=True)

    def must_stop(self) -> bool:
        return False


@click.command("methods", epilog=example("dataminer methods"))
@click.argument("reference", required=False)
@click.pass_obj
def list_methods(session: Session, reference: str | None) -> None:
    """List the methods, or describe one."""
    if reference:
        click.echo(describe(session.engine.method(session.caller, reference).manifest))
        return
    show_rows(
        ("method", "version", "package", "runs", "title"),
        (
            (
                method.identifier,
                method.manifest.version,
                method.digest[:MIN_DIGEST_DIGITS],
                _where(session, f"{method.manifest.target}, {method.manifest.runtime}",
                       offered=session.engine.is_offered(method)),
                method.manifest.title,
            )
            for method in session.engine.methods(session.caller)
        ),
    )  # fmt: skip


def _where(_session: Session, place: str, *, offered: bool) -> str:
    return place if offered else f"{place} (no node now)"


@click.command("estimate", epilog=example("dataminer estimate SORTWORDS"))
@click.argument("reference", metavar="METHOD")
@click.pass_obj
def show_estimate(session: Session, reference: str) -> None:
    """Say how long a method is likely to run and how much memory it takes.

    Judged by the newest computations of everybody in the tenant that succeeded, whatever their
    inputs: of the same version if there are five of these, else of all versions.
    """
    estimate = session.engine.estimate(session.caller, reference)
    if not (estimate.wall_seconds and estimate.peak_memory_bytes):
        click.echo(f"Nothing is known yet: no computation of {reference} has been measured.")
        return
    of = "of this version" if estimate.same_version else "of all versions"
    runs = "computation" if estimate.runs == 1 else "computations"
    click.echo(f"from {estimate.runs} {runs} {of}")
    for name, spread, text in (
        ("time", estimate.wall_seconds, duration),
        ("memory", estimate.peak_memory_bytes, size),
    ):
        half, most = text(spread.median), text(spread.percentile_90)
        click.echo(f"  {name:9} half within {half}, nine of ten within {most}")


@click.command("withdraw", epilog=example("dataminer withdraw SORTWORDS@1.0"))
@click.argument("reference")
@click.pass_obj
def withdraw(session: Session, reference: str) -> None:
    """Hide a method's version from clients; its computations can still be repeated."""
    method = session.engine.withdraw(session.caller, reference)
    click.echo(f"withdrawn: {method.identifier}, version {method.manifest.version}")


COMMANDS = (import_script, list_methods, show_estimate, withdraw)
