"""Finds interpreters and asks them for their versions."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess

_VERSION = re.compile(r"\d+(?:\.\d+)+")
_PATIENCE_SECONDS = 60


def find(*names: str) -> str | None:
    """The first of these programs that this host has, as an absolute path."""
    return next((path for name in names if (path := shutil.which(name))), None)


@functools.cache
def version(interpreter: str, name: str) -> str:
    """The language's name and what the interpreter says of its version, such as 'R 4.2.2'."""
    try:
        answer = subprocess.run(
            [interpreter, "--version"],
            capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL,
            timeout=_PATIENCE_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return name
    found = _VERSION.search(answer.stdout + answer.stderr)
    return f"{name} {found[0]}" if found else name
