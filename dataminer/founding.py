"""What a data folder gets before a server uses it: database, first tenant, bundled methods."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import algorithms
from dataminer.bootstrap import door_engine, upgrade_database
from dataminer.domain.errors import Conflict
from dataminer.domain.tenants import Caller, Role, Tenant, User
from dataminer.engine import Engine
from dataminer.settings import Settings

#: Who acts where nobody else is named: on the command line, and in the demonstration.
LOCAL = Caller(user="local", tenant="demo", role=Role.OPERATOR)


def found(settings: Settings) -> Engine:
    """The engine on this data folder, which is there and complete when this returns.

    Does nothing again that was done before; the folder is its owner's alone.
    """
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    upgrade_database(settings)
    engine = door_engine(settings)
    with suppress(Conflict):
        engine.add_tenant(Tenant(name=LOCAL.tenant, title="Demonstration"))
    with suppress(Conflict):
        engine.add_user(User(name=LOCAL.user, tenant=LOCAL.tenant, role=LOCAL.role))
    if engine.generation() == 0:
        publish_bundled(engine)
    return engine


def publish_bundled(engine: Engine) -> None:
    """Publish the bundled methods for all tenants; what is published already stays as it is."""
    for folder in sorted(Path(algorithms.__path__[0]).iterdir()):
        if (folder / "method.toml").is_file():
            package = engine.pack(engine.read_script(folder))
            engine.publish(LOCAL, package, for_everybody=True)
