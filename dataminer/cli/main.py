"""`dataminer`: the one program."""

from __future__ import annotations

import click

from dataminer import __version__
from dataminer.cli import computations, methods, people, serving, workspace
from dataminer.cli.session import Session
from dataminer.domain.errors import DataMinerError


class _Commands(click.Group):
    """Shows our errors as one clear message, without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except DataMinerError as error:
            raise click.ClickException(str(error)) from error

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """In the order of use, not of the alphabet."""
        return list(self.commands)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option("--tenant", default="demo", show_default=True, help="The tenant to act in.")
@click.option("--user", default="local", show_default=True, help="The user to act as.")
@click.pass_context
def main(context: click.Context, tenant: str, user: str) -> None:
    """Publish scripts as WPS processes, run them, and repeat what was run.

    All commands work on the data folder DATAMINER_HOME (./var), also while a server runs on it.
    With DATAMINER_TOKEN set they act as the token's owner.
    """
    context.obj = Session(tenant=tenant, user=user)
    context.call_on_close(context.obj.close)


for module in (serving, methods, computations, workspace, people):
    for command in module.COMMANDS:
        main.add_command(command)
