"""What keeps the promise that every accepted computation ends."""

from __future__ import annotations

import logging

from dataminer.domain.computations import Computation
from dataminer.domain.errors import UnknownComputation
from dataminer.domain.methods import Target
from dataminer.ports import Ports
from dataminer.usecases.abandon import last_word

_log = logging.getLogger(__name__)


class Reconciler:
    """Looks at every tick for computations that nobody works on."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._sent: dict[Target, set[tuple[str, int]]] = {target: set() for target in Target}
        self._epochs: dict[Target, str] = {}

    def tick(self) -> None:
        """End what may not be repeated, and send again what may have been lost.

        A computation is sent once for each attempt and each life of the broker.
        """
        for target, dispatcher in self._ports.dispatchers.items():
            epoch = dispatcher.epoch()
            if self._epochs.get(target) != epoch:
                self._epochs[target] = epoch
                self._sent[target].clear()
            waiting = [
                self._ports.computations.get(i) for i in self._ports.computations.waiting(target)
            ]
            alive = {(c.id, c.attempt) for c in waiting if not self._give_up(c)}
            for computation_id, attempt in sorted(alive - self._sent[target]):
                dispatcher.dispatch(computation_id)
                _log.info("sent again", extra={"computation": computation_id, "attempt": attempt})
            self._sent[target] = alive

    def _give_up(self, computation: Computation) -> bool:
        """Whether the computation was ended here, because it may not be run again."""
        ending = last_word(self._ports, computation, died=computation.attempt)
        if ending is None:
            return False
        if self._ports.computations.finish(computation.id, computation.attempt, ending):
            self._ports.events.ended(computation.id)
        return True


def is_over(ports: Ports, computation_id: str, attempt: int) -> bool:
    """Whether nothing of this attempt may run any more: it ended, or another one began."""
    try:
        computation = ports.computations.get(computation_id)
    except UnknownComputation:
        return True
    return computation.status.has_ended or computation.attempt > attempt
