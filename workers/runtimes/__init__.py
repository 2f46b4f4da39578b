"""How each language takes inputs and gives outputs.

Imports the domain and `workers.folders`, `workers.values`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from dataminer.domain.errors import RuntimeUnavailable
from dataminer.domain.methods import Passing, Runtime
from workers.runtimes import binary, octave, python, r, shell
from workers.runtimes.calls import Call


class Language(Protocol):
    """What a runtime's module offers."""

    #: How its scripts can get their inputs.
    PASSINGS: frozenset[Passing]

    def interpreter(self) -> str | None:
        """This host's interpreter, an absolute path; empty: none is needed; None: it has none."""

    def version(self, interpreter: str) -> str:
        """Name and version of the interpreter, asked once; empty: there is none."""

    def command(self, call: Call) -> tuple[str, ...]:
        """The command line; what its driver needs is written into the run's folder."""


LANGUAGES: Mapping[Runtime, Language] = {
    Runtime.PYTHON: python,
    Runtime.R: r,
    Runtime.OCTAVE: octave,
    Runtime.SHELL: shell,
    Runtime.BINARY: binary,
}


def offered_runtimes() -> frozenset[Runtime]:
    """What this host can run."""
    return frozenset(
        runtime for runtime, language in LANGUAGES.items() if language.interpreter() is not None
    )


def language_of(runtime: Runtime) -> tuple[Language, str]:
    """The runtime's language and its interpreter here.

    Raises: RuntimeUnavailable: this host has no interpreter for it.
    """
    language = LANGUAGES[runtime]
    interpreter = language.interpreter()
    if interpreter is None:
        raise RuntimeUnavailable(f"This node has no interpreter for {runtime}.")
    return language, interpreter


def check_passing(runtime: Runtime, passing: Passing) -> None:
    """Raises: RuntimeUnavailable: the runtime cannot pass inputs this way."""
    allowed = LANGUAGES[runtime].PASSINGS
    if passing not in allowed:
        names = ", ".join(sorted(allowed))
        raise RuntimeUnavailable(
            f"A script in {runtime} cannot take its inputs by {passing}; by: {names}."
        )
