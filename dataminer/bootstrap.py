"""Names every concrete class, and makes the engines. Nobody else does either."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from uv import find_uv_bin

from dataminer.adapters.blobs import DiskBlobs
from dataminer.adapters.broker import broker_address
from dataminer.adapters.celery_dispatcher import CeleryDispatcher
from dataminer.adapters.database.accounts import SqlAccounts
from dataminer.adapters.database.catalogue import SqlCatalogue
from dataminer.adapters.database.computations import SqlComputations
from dataminer.adapters.database.engine import Database
from dataminer.adapters.database.migrations import upgrade
from dataminer.adapters.database.workspace import SqlWorkspace
from dataminer.adapters.events import RedisEvents
from dataminer.adapters.fetcher import HttpFetcher
from dataminer.adapters.local_dispatcher import LocalDispatcher, listening
from dataminer.adapters.memory import MemoryEvents, MemoryNodes
from dataminer.adapters.presence import RedisNodes
from dataminer.domain.addresses import Addresses
from dataminer.domain.methods import Target
from dataminer.engine import Engine, EngineLimits, NodeEngine
from dataminer.ports import DoorPorts, NodePorts, Nodes
from dataminer.settings import Settings, build_environment
from importer.locks import UvLocker
from importer.reader import Reader
from provenance.reader import ProvReader
from provenance.writer import ProvWriter
from workers.environments import Environments
from workers.launcher import Launcher
from workers.pool import Pool
from workers.runner import ScriptRunner
from workers.runtimes import offered_runtimes
from workers.sandbox import Level

MEGABYTE = 1_000_000
JOBS = "jobs"  #: where scripts run, in the data folder
_GRACE_SECONDS = 5.0


def upgrade_database(settings: Settings) -> None:
    """Bring the database to the newest shape, making it if need be."""
    database = Database(settings.database)
    upgrade(database)
    database.close()


def door_engine(settings: Settings) -> Engine:
    """What a process that talks to callers needs. Make it after the last fork."""
    return _engine(settings, _common(settings), nodes(settings))


def _engine(settings: Settings, common: dict[str, Any], known: Nodes) -> Engine:
    ports = DoorPorts(
        **common,
        nodes=known,
        fetcher=HttpFetcher(
            common["blobs"],
            allowed=settings.fetch_allow,
            timeout_seconds=settings.fetch_seconds,
        ),
        scripts=Reader(),
        locker=UvLocker(Path(find_uv_bin()), Path(sys.executable), build_environment()),
        provenance=ProvWriter(settings.base_url),
        recipes=ProvReader(),
        addresses=Addresses(base_url=settings.base_url),
    )
    limits = EngineLimits(
        input_bytes=settings.max_input_mb * MEGABYTE,
        sync_seconds=settings.sync_seconds,
        sync_places=settings.web_threads // 2,
        watch_places=settings.web_threads // 4,
    )
    return Engine(ports, limits)


def node_engine(settings: Settings, target: Target, launcher: Launcher) -> NodeEngine:
    """What a process that runs scripts needs; it loads no door. Make it after the last fork."""
    common = _common(settings)
    node = f"{settings.node}/{target}"
    runner = script_runner(settings, node, launcher)
    return NodeEngine(NodePorts(**common, runner=runner, node=node))


def nodes(settings: Settings) -> RedisNodes:
    """Which nodes live."""
    return RedisNodes(broker(settings))


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbench:
    """An engine for one user of this host, and what runs scripts beside it."""

    engine: Engine
    runner: ScriptRunner


@contextmanager
def workbench(settings: Settings) -> Iterator[Workbench]:
    """Uses the server of this data folder, or where none runs a pool of its own."""
    runner = script_runner(settings, f"{settings.node}/{Target.LOCAL}", Launcher(), "trials")
    if listening(settings.run_folder):
        yield Workbench(engine=door_engine(settings), runner=runner)
        return
    common = _common(settings) | {"events": MemoryEvents()}
    offered = MemoryNodes((Target.LOCAL, runtime) for runtime in offered_runtimes())
    node = NodeEngine(NodePorts(**common, runner=runner, node=f"{settings.node}/local"))
    pool = Pool(node, settings.local_slots, settings.run_folder)
    pool.start()
    try:
        yield Workbench(engine=_engine(settings, common, offered), runner=runner)
    finally:
        pool.stop(_GRACE_SECONDS)


def script_runner(
    settings: Settings, node: str, launcher: Launcher, folder: str = JOBS
) -> ScriptRunner:
    """Runs scripts on this host, in a folder of the data folder."""
    return ScriptRunner(
        blobs=DiskBlobs(settings.home / "blobs"),
        launcher=launcher,
        environments=environments(settings, launcher),
        jobs_folder=settings.home / folder,
        node=node,
        sandbox_level=Level(settings.sandbox),
    )


def environments(settings: Settings, launcher: Launcher) -> Environments:
    """The methods' environments on this host."""
    return Environments(
        root=settings.home / "environments",
        blobs=DiskBlobs(settings.home / "blobs"),
        launcher=launcher,
        uv=find_uv_bin(),
        environ=build_environment(),
    )


def _common(settings: Settings) -> dict[str, Any]:
    database = Database(settings.database)
    address = broker(settings)
    return {
        "accounts": SqlAccounts(database),
        "catalogue": SqlCatalogue(database),
        "computations": SqlComputations(database),
        "workspace": SqlWorkspace(database),
        "blobs": DiskBlobs(settings.home / "blobs"),
        "events": RedisEvents(address),
        "dispatchers": {
            Target.LOCAL: LocalDispatcher(settings.run_folder),
            Target.CLOUD: CeleryDispatcher(address),
        },
        "clock": _now,
    }


def broker(settings: Settings) -> str:
    """Where the broker is, with its password."""
    return broker_address(settings.broker_url, settings.run_folder)


def _now() -> datetime:
    return datetime.now(UTC)
