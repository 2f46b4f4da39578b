"""Whether a script can be parsed; asked of its language's own parser, and never executed."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import warnings
from dataclasses import dataclass
from pathlib import Path

from dataminer.domain.methods import Runtime
from importer.findings import Findings, Place

_SECONDS = 30  #: a parser that takes longer is not asked


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parser:
    """A program that parses its standard input, and how it tells what is wrong."""

    command: tuple[str, ...]
    fault: re.Pattern[str]  #: in its standard error, with `line` and `message`


_PARSERS = {
    Runtime.R: _Parser(
        command=("Rscript", "--vanilla", "-e",
                 'invisible(parse(file("stdin"), encoding = "UTF-8", keep.source = FALSE))'),
        fault=re.compile(r"^\s*(?P<line>\d+):\d+: (?P<message>.+)$", re.MULTILINE),
    ),
    Runtime.OCTAVE: _Parser(
        command=("octave-cli", "--norc", "--no-history", "--eval", "__parse_file__('/dev/stdin')"),
        fault=re.compile(r"(?P<message>parse error) near line (?P<line>\d+)"),
    ),
    Runtime.SHELL: _Parser(
        command=("bash", "-n", "/dev/stdin"),
        fault=re.compile(r"line (?P<line>\d+): (?P<message>.+)"),
    ),
}  # fmt: skip


def parse_python(text: str, file: str, findings: Findings) -> ast.Module | None:
    """The module's tree; None: it was found faulty."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the author's code, as \d in a plain text
            tree = ast.parse(text)
            compile(tree, file, "exec", dont_inherit=True)
    except SyntaxError as error:
        place = Place(file=file, line=error.lineno)
        findings.fault(f"cannot be parsed: {error.msg}", place)
    except (ValueError, RecursionError, MemoryError) as error:
        message = f"cannot be parsed: {error or 'it is nested too deeply'}"
        findings.fault(message, Place(file=file))
    else:
        return tree
    return None


def check_syntax(text: str, runtime: Runtime, file: str, findings: Findings) -> None:
    """Have the language's parser look at the script, where it is installed."""
    parser = _PARSERS[runtime]
    program = shutil.which(parser.command[0])
    if program is None:
        findings.note(f"{parser.command[0]} is not installed here: the syntax was not checked")
        return
    search_path = f"{Path(program).parent}:/usr/local/bin:/usr/bin:/bin"
    try:
        answer = subprocess.run(
            [program, *parser.command[1:]],
            input=text.encode(),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env={"PATH": search_path, "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"},
        )
    except (OSError, subprocess.TimeoutExpired):
        findings.note(f"{parser.command[0]} gave no answer: the syntax was not checked")
        return
    fault = parser.fault.search(answer.stderr.decode(errors="replace"))
    if answer.returncode and fault:
        place = Place(file=file, line=int(fault["line"]))
        findings.fault(f"cannot be parsed: {fault['message'].strip()}", place)
