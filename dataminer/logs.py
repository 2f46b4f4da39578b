"""How log lines look: a constant message, then the facts as fields."""

from __future__ import annotations

import logging
import time

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class FactsFormatter(logging.Formatter):
    """`time level logger: message key=value …`, times in UTC."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's name
        """The line without a traceback."""
        facts = (
            f" {name}={value!s}" for name, value in vars(record).items() if name not in _STANDARD
        )
        return super().formatMessage(record) + "".join(facts)


def log_to_stderr() -> None:
    """Have this process log what happens to its standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(FactsFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("PYWPS").setLevel(logging.CRITICAL)  # it logs what clients send
