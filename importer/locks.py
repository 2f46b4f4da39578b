"""Pins a method's dependencies with uv. Fulfils the port Locker."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from dataminer.domain.errors import ScriptFault, ScriptRejected
from dataminer.domain.methods import Manifest, Runtime
from importer.dependencies import distribution, host_libraries, problem_of

_SECONDS = 300
_MAX_MESSAGE = 600  #: characters

#: Wheels only: nobody's code runs while an environment is built. No index, no comments: the same
#: requirements give the same bytes on every host.
_OPTIONS = ("--universal", "--generate-hashes", "--only-binary", ":all:", "--no-emit-index-url",
            "--no-header", "--no-annotate", "--quiet", "--color", "never")  # fmt: skip
_HOST = re.compile(r"\w+://\S+|(?<![\w.])/(?:[\w.+-]+/)+[\w.+-]*")


class UvLocker:
    """Resolves dependencies with `uv pip compile`."""

    def __init__(self, uv: Path, python: Path, environ: Mapping[str, str]) -> None:
        """The program `uv`, the methods' interpreter, and the whole environment of uv.

        Index and certificates are the operator's business and come with the environment.
        """
        self._command = (str(uv), "pip", "compile", "-", "--python", str(python), *_OPTIONS)
        self._environ = dict(environ)

    def lock(self, manifest: Manifest) -> bytes:
        """The lock's text; empty when nothing is needed.

        Raises:
            ScriptRejected: they cannot be resolved.
        """
        if not manifest.dependencies:
            return b""
        if manifest.runtime is not Runtime.PYTHON:
            raise _rejected(host_libraries(manifest.runtime))
        problems = [p for d in manifest.dependencies if (p := problem_of(d))]
        if problems:
            raise _rejected(*problems)
        return self._compile(manifest.dependencies)

    def _compile(self, requirements: tuple[str, ...]) -> bytes:
        with tempfile.TemporaryDirectory() as folder:  # no configuration of ours lies around it
            try:
                answer = subprocess.run(
                    self._command,
                    input="\n".join(requirements).encode(),
                    capture_output=True,
                    cwd=folder,
                    env=self._environ,
                    timeout=_SECONDS,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise _rejected(f"the dependencies were not resolved in {_SECONDS} s") from error
            except OSError as error:
                raise _rejected(f"uv cannot be started: {error.strerror}") from error
        if answer.returncode:
            raise _rejected(_explained(answer.stderr.decode(errors="replace"), requirements))
        return answer.stdout


def _rejected(*messages: str) -> ScriptRejected:
    return ScriptRejected(tuple(ScriptFault(message=message) for message in messages))


def _explained(said: str, requirements: tuple[str, ...]) -> str:
    """Which requirement uv speaks of, and what it said, without the host's paths."""
    mentioned = [r for r in requirements if _speaks_of(said, distribution(r))]
    culprits = ", ".join(mentioned or requirements)
    text = " ".join(_HOST.sub("…", re.sub(r"[^\n -~]+", " ", said)).split())
    if len(text) > _MAX_MESSAGE:
        text = f"{text[:_MAX_MESSAGE]} …"
    return f"the dependencies cannot be resolved ({culprits}): {text}"


def _speaks_of(said: str, name: str) -> bool:
    pattern = re.escape(name).replace(r"\-", "[-_.]")
    return re.search(rf"(?<![\w-]){pattern}(?![\w-])", said, re.IGNORECASE) is not None
