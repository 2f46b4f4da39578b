"""What differs between the languages of scripts: file names, comments, names of variables."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from pathlib import PurePath

from dataminer.domain.methods import Passing, Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """How scripts of a runtime are written."""

    name: str  #: for people
    suffixes: tuple[str, ...] = ()  #: in lower case
    interpreters: tuple[str, ...] = ()  #: as they stand in a first line '#!…'
    comment_signs: str = "#"
    variable: re.Pattern[str] = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
    reserved: frozenset[str] = frozenset()  #: names that cannot be variables
    passings: tuple[Passing, ...] = (Passing.ARGUMENTS, Passing.JSON)  #: the first is the default


_R_WORDS = "if else repeat while function for next break TRUE FALSE NULL Inf NaN NA in"
_OCTAVE_WORDS = (
    "if else elseif end endif for endfor while endwhile do until switch case otherwise "
    "function endfunction return break continue global persistent try catch unwind_protect ans"
)
_SHELL_WORDS = (
    "if then else elif fi for while until do done case esac function select time in PATH HOME "
    "LANG TMPDIR IFS ENV BASH_ENV UID EUID PPID PWD OLDPWD SHELLOPTS BASHOPTS BASHPID RANDOM "
    "SECONDS LINENO FUNCNAME GROUPS PIPESTATUS"
)
_ANY = (Passing.VARIABLES, Passing.ARGUMENTS, Passing.JSON)

LANGUAGES = {
    Runtime.PYTHON: Language(
        name="Python",
        suffixes=(".py",),
        interpreters=("python",),
        variable=re.compile(r"[A-Za-z_][A-Za-z0-9_]*"),
        reserved=frozenset((*keyword.kwlist, "__name__", "__file__")),
        passings=(*_ANY, Passing.FUNCTION),
    ),
    Runtime.R: Language(
        name="R",
        suffixes=(".r",),
        interpreters=("Rscript",),
        variable=re.compile(r"(?:[A-Za-z]|\.(?![0-9]))[A-Za-z0-9._]*"),
        reserved=frozenset(_R_WORDS.split()),
        passings=_ANY,
    ),
    Runtime.OCTAVE: Language(
        name="Octave",
        suffixes=(".m",),
        interpreters=("octave",),
        comment_signs="%#",
        reserved=frozenset(_OCTAVE_WORDS.split()),
        passings=_ANY,
    ),
    Runtime.SHELL: Language(
        name="shell",
        suffixes=(".sh", ".bash"),
        interpreters=("bash", "sh"),
        variable=re.compile(r"[A-Za-z_][A-Za-z0-9_]*"),
        reserved=frozenset(("_", *_SHELL_WORDS.split())),
        passings=_ANY,
    ),
    Runtime.BINARY: Language(name="a compiled program"),
}


def runtime_of_name(name: str) -> Runtime | None:
    """The runtime that a file's name speaks of, or None."""
    suffix = PurePath(name).suffix.lower()
    return next((r for r, language in LANGUAGES.items() if suffix in language.suffixes), None)


def runtime_of_text(text: str) -> Runtime | None:
    """The runtime that the first line names, as in '#!/usr/bin/env Rscript', or None."""
    words = text.partition("\n")[0].removeprefix("#!").split() if text.startswith("#!") else []
    names = [re.sub(r"[0-9.]+$", "", PurePath(word).name) for word in words[:2]]
    for runtime, language in LANGUAGES.items():
        if any(name in language.interpreters for name in names):
            return runtime
    return None
