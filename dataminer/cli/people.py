"""`tenant`, `user`, `token`: who may use the server."""

from __future__ import annotations

import click

from dataminer.cli.session import Session, example, show_rows, when
from dataminer.domain.tenants import Role, Tenant, User


@click.group()
def tenant() -> None:
    """Make and list tenants (virtual research environments)."""


@tenant.command("add", epilog=example('dataminer tenant add biodiversity --title "Biodiversity"'))
@click.argument("name")
@click.option("--title", default="", help="What people call it.")
@click.pass_obj
def add_tenant(session: Session, name: str, title: str) -> None:
    """Make a tenant."""
    session.engine.add_tenant(Tenant(name=name, title=title))
    click.echo(f"tenant: {name}")


@tenant.command("list", epilog=example("dataminer tenant list"))
@click.pass_obj
def list_tenants(session: Session) -> None:
    """List the tenants."""
    show_rows(("tenant", "title"), ((t.name, t.title) for t in session.engine.tenants()))


@click.group()
def user() -> None:
    """Make and list users."""


@user.command("add", epilog=example("dataminer user add biodiversity ada --role author"))
@click.argument("tenant_name", metavar="TENANT")
@click.argument("name")
@click.option("--role", type=click.Choice([r.value for r in Role]), default=Role.MEMBER.value)
@click.option("--full-name", default="", help="The person's name.")
@click.pass_obj
def add_user(session: Session, tenant_name: str, name: str, role: str, full_name: str) -> None:
    """Make a user of a tenant: a member, an author who may publish, or an operator."""
    session.engine.add_user(
        User(name=name, tenant=tenant_name, role=Role(role), full_name=full_name)
    )
    click.echo(f"user: {name} in {tenant_name}, {role}")


@user.command("list", epilog=example("dataminer user list biodiversity"))
@click.argument("tenant_name", metavar="TENANT")
@click.pass_obj
def list_users(session: Session, tenant_name: str) -> None:
    """List a tenant's users."""
    rows = session.engine.users(tenant_name)
    show_rows(("user", "role", "name"), ((u.name, u.role.value, u.full_name) for u in rows))


@click.group()
def token() -> None:
    """Make, list and revoke personal tokens."""


@token.command("add", epilog=example("dataminer token add biodiversity ada --label laptop"))
@click.argument("tenant_name", metavar="TENANT")
@click.argument("user_name", metavar="USER")
@click.option("--label", default="", help="What it is for.")
@click.pass_obj
def add_token(session: Session, tenant_name: str, user_name: str, label: str) -> None:
    """Make a token and print it, this once."""
    click.echo(session.engine.make_token(tenant_name, user_name, label))


@token.command("list", epilog=example("dataminer token list biodiversity ada"))
@click.argument("tenant_name", metavar="TENANT")
@click.argument("user_name", metavar="USER")
@click.pass_obj
def list_tokens(session: Session, tenant_name: str, user_name: str) -> None:
    """List a user's tokens."""
    rows = session.engine.tokens(tenant_name, user_name)
    show_rows(("token", "label", "made (UTC)"), ((t.id, t.label, when(t.created_at)) for t in rows))


@token.command("revoke", epilog=example("dataminer token revoke biodiversity ada 1a2b3c4d"))
@click.argument("tenant_name", metavar="TENANT")
@click.argument("user_name", metavar="USER")
@click.argument("token_id", metavar="TOKEN")
@click.pass_obj
def revoke_token(session: Session, tenant_name: str, user_name: str, token_id: str) -> None:
    """Make a token worthless."""
    session.engine.revoke_token(tenant_name, user_name, token_id)
    click.echo(f"revoked: {token_id}")


COMMANDS = (tenant, user, token)
