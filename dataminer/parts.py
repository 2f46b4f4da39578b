"""The parts of a server, each a process of its own, and what each does."""

from __future__ import annotations

import logging
import os
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from http import HTTPStatus
from threading import Thread

from dataminer.adapters.broker import EmbeddedBroker
from dataminer.adapters.presence import Node
from dataminer.bootstrap import JOBS, MEGABYTE, broker, environments, node_engine, nodes
from dataminer.domain.errors import EnvironmentUnavailable, InvalidSettings
from dataminer.domain.methods import Target
from dataminer.engine import NodeEngine
from dataminer.founding import LOCAL, found, publish_bundled
from dataminer.lifeline import watch_lifeline
from dataminer.settings import Settings, child_environment
from dataminer.stop_signals import StopSignals
from dataminer.supervisor import Child, Supervisor
from dataminer.webserver import gunicorn_arguments
from workers import app, sandbox
from workers.folders import sweep
from workers.launcher import Launcher
from workers.pool import Pool, serve
from workers.presence import Presence
from workers.runtimes import offered_runtimes

RECONCILE_SECONDS = 2.0  #: how often the scheduler looks for what nobody works on
GRACE_SECONDS = 5.0  #: what a pool may take to give back what it runs

_log = logging.getLogger(__name__)


def supervise(settings: Settings, say: Callable[[str], None]) -> bool:
    """Whether the server came up; returns when it was asked to end and nothing is left."""
    _check_sandbox(settings)
    children = _children(settings)
    engine = found(settings)
    publish_bundled(engine)

    def welcome() -> None:
        settings.known_address.write_text(settings.base_url, encoding="utf-8")
        say(f"pages         {settings.base_url}/")
        say(f"WPS           {settings.base_url}/wps")
        say(f"API           {settings.base_url}/api")
        say(f"data          {settings.home}")
        say(f"logs          {settings.home / 'logs'}")
        Thread(target=_say_environments, args=(settings, say), daemon=True).start()

    return Supervisor(children, settings.home, say).run(welcome)


def _children(settings: Settings) -> list[Child]:
    environment = child_environment(settings)
    children = []
    if not settings.broker_url:
        embedded = EmbeddedBroker(
            run_folder=settings.run_folder, data_folder=settings.home / "broker"
        )
        children.append(
            Child(
                name="broker",
                argv=embedded.argv,
                environment=environment,
                prepare=embedded.prepare,
                is_ready=embedded.is_ready,
                ends=3,
            )
        )
    for name, rank in (("pool", 1), ("worker", 1), ("scheduler", 2)):
        argv = (sys.executable, "-m", "dataminer.cli", name)
        children.append(Child(name=name, argv=argv, environment=environment, ends=rank))
    web = gunicorn_arguments(
        settings.host,
        settings.port,
        workers=settings.web_workers,
        threads=settings.web_threads,
    )
    is_up = _is_up(settings)
    children.append(Child(name="web", argv=web, environment=environment, is_ready=is_up))
    return children


def _check_sandbox(settings: Settings) -> None:
    """Raises: InvalidSettings: this host cannot confine scripts as the operator demands."""
    demanded = sandbox.Level(settings.sandbox)
    if missing := sandbox.why_not(demanded):
        raise InvalidSettings((f"DATAMINER_SANDBOX={demanded} is not possible here: {missing}",))


def serve_web(settings: Settings) -> None:
    """Become the web server."""
    argv = gunicorn_arguments(
        settings.host, settings.port, workers=settings.web_workers, threads=settings.web_threads
    )
    os.execve(argv[0], argv, child_environment(settings))


def serve_pool(settings: Settings) -> None:
    """Run local computations until asked to end."""
    launcher = _launcher(settings)
    node = node_engine(settings, Target.LOCAL, launcher)
    presence = _presence(settings, Target.LOCAL, node, launcher)
    presence.start()
    Thread(target=prepare_environments, args=(settings, node), daemon=True).start()
    try:
        serve(Pool(node, settings.local_slots, settings.run_folder), GRACE_SECONDS)
    finally:
        presence.stop()


def serve_worker(settings: Settings) -> None:
    """Run cloud computations until asked to end."""
    launcher = _launcher(settings)
    node = node_engine(settings, Target.CLOUD, launcher)
    app.serve(
        node,
        _presence(settings, Target.CLOUD, node, launcher),
        address=broker(settings),
        slots=settings.cloud_slots,
        name=f"cloud@{settings.node}",
    )


def serve_scheduler(settings: Settings) -> None:
    """Look for computations that nobody works on, until asked to end."""
    stop = StopSignals()
    watch_lifeline()
    node = node_engine(settings, Target.LOCAL, Launcher(warm_memory_bytes=0))
    reconciler = node.reconciler()
    while not stop.wait(RECONCILE_SECONDS):
        try:
            reconciler.tick()
            for name in sweep(settings.home / JOBS, node.is_over):
                _log.info("a dead node's folder was removed", extra={"folder": name})
        except Exception:  # what broke now may work at the next tick
            _log.exception("the reconciler's tick broke")


def prepare_environments(settings: Settings, node: NodeEngine) -> None:
    """Build the environments of the newest methods, so that no caller waits for them."""
    builder = environments(settings, Launcher())
    for lock in sorted(locks_of(node)):
        try:
            builder.ensure(lock, _log.info)
        except EnvironmentUnavailable:
            _log.exception("an environment cannot be built", extra={"lock": lock})


def locks_of(node: NodeEngine) -> set[str]:
    """The locks of the methods that everybody may use."""
    methods = node.ports.catalogue.newest(LOCAL.tenant)
    return {method.package.lock for method in methods if method.package.lock}


def _say_environments(settings: Settings, say: Callable[[str], None]) -> None:
    """Say of each bundled method with libraries when it is ready."""
    engine, builder = found(settings), environments(settings, Launcher())
    waiting = {m.identifier: m.package.lock for m in engine.methods(LOCAL) if m.package.lock}
    while waiting:
        ready = [name for name, lock in waiting.items() if builder.ready(lock)]
        if ready:
            say(f"ready         {', '.join(ready)}")
        for name in ready:
            del waiting[name]
        time.sleep(0.5)


def _launcher(settings: Settings) -> Launcher:
    return Launcher(warm_memory_bytes=settings.warm_mb * MEGABYTE)


def _presence(settings: Settings, target: Target, node: NodeEngine, launcher: Launcher) -> Presence:
    registry = nodes(settings)
    self = Node(name=node.ports.node, target=target, runtimes=offered_runtimes())

    def announce() -> None:
        registry.announce(replace(self, counts=asdict(launcher.statistics())))

    return Presence(announce, lambda: registry.withdraw(self))


def _is_up(settings: Settings) -> Callable[[], bool]:
    """Whether the web server answers and every kind of node lives."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{settings.port}/health"

    def is_up() -> bool:
        with suppress(OSError), urllib.request.urlopen(address, timeout=2) as answer:
            targets = {target for target, _ in nodes(settings).offered()}
            return bool(answer.status == HTTPStatus.OK) and targets == set(Target)
        return False

    return is_up
