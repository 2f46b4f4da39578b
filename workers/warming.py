"""What a zygote does: imports libraries once, and runs scripts as a fresh interpreter would.

Runs under the method's interpreter, loaded by its path: standard library only, imports nothing of
ours. Neither imports nor runs anything of an author before it has been forked for their script.
"""

# ruff: noqa: SLF001 # an interpreter's end is imitated by the functions that its end calls

from __future__ import annotations

import argparse
import ast
import atexit
import contextlib
import csv
import dataclasses
import datetime as dt
import decimal
import gc
import importlib.util
import inspect
import io
import logging
import math
import os
import pathlib
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import traceback
import types
import typing

if typing.TYPE_CHECKING:
    from collections.abc import Iterable

#: Nearly every script wants them: so they need not be told apart.
COMMON = (argparse, ast, csv, dataclasses, dt, decimal, inspect, logging, math, pathlib,
          statistics, subprocess)  # fmt: skip

_STREAMS = 3  #: the descriptors of the standard streams
_FLUSH_FAILED = 120  #: exit code, as Python has it


def prepare(driver: str, libraries: Iterable[str], control: int) -> types.ModuleType:
    """Import libraries and the driver, which is returned; a name that fails is left out.

    Ends this process when it may not be forked any more: a library has started a thread or keeps
    a file open.
    """
    gc.disable()
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 # what is said here nobody asked for
        said = os.dup(2)
        os.dup2(nowhere.fileno(), 2)
        for library in libraries:
            _import(library)
        os.dup2(said, 2)
        os.close(said)
    if not _can_be_forked(control):
        sys.exit("this zygote cannot be forked")
    module = _load(driver)
    gc.collect()
    gc.freeze()
    gc.enable()
    return module


def run(driver: types.ModuleType, call: str, environment: dict[str, str]) -> typing.NoReturn:
    """Be the interpreter that was started to run this call."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()  # noqa: TID251 # the script's, not ours
    os.environ.update(environment)  # noqa: TID251
    tempfile.tempdir = None
    random.seed()
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    driver.__name__ = "__main__"
    sys.modules["__main__"] = driver
    sys.argv = [str(driver.__file__), call]
    code = _exit_code(driver, call)
    flushed = _end_as_python_does(os.path.dirname(os.path.dirname(call)))  # noqa: PTH120
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code or (0 if flushed else _FLUSH_FAILED))


def _import(library: str) -> None:
    """Import a module, as 'name', or a module with one of its parts, as 'name:part'."""
    name, _, part = library.partition(":")
    with contextlib.suppress(BaseException):  # the script will say it better
        __import__(name, fromlist=[part] if part else [])


def _can_be_forked(control: int) -> bool:
    threads = os.listdir("/proc/self/task")  # noqa: PTH208
    files = {int(name) for name in os.listdir("/proc/self/fd")}  # noqa: PTH208
    opened = {file for file in files - {control} if file >= _STREAMS and _is_open(file)}
    return len(threads) == 1 and not opened


def _is_open(descriptor: int) -> bool:
    """Not so for the one by which descriptors were listed."""
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _load(path: str) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location("driver", path)
    assert spec is not None and spec.loader is not None  # noqa: S101, PT018 # it is a Python file
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _exit_code(driver: types.ModuleType, call: str) -> int:
    """Negative: the signal by which it has to end."""
    try:
        driver.main(call)
    except SystemExit as end:
        return _code_of(end)
    except BaseException as fault:  # noqa: BLE001 # whatever is left of what a script can raise
        trace = fault.__traceback__.tb_next if fault.__traceback__ else None
        sys.excepthook(type(fault), fault.with_traceback(trace), trace)
        return -signal.SIGINT if isinstance(fault, KeyboardInterrupt) else 1
    return 0


def _code_of(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return (end.code or 0) & 0xFF
    with contextlib.suppress(Exception):
        print(end.code, file=sys.stderr)  # noqa: T201 # as Python does
    return 1


def _end_as_python_does(root: str) -> bool:
    """Wait for threads, run exit handlers, drop the script's objects; whether all was flushed."""
    for step in (threading._shutdown, atexit._run_exitfuncs):  # type: ignore[attr-defined]
        try:
            step()
        except BaseException:  # noqa: BLE001 # as Python: told, and passed over
            traceback.print_exc()
    flushed = all([_flushed(stream) for stream in (sys.stdout, sys.stderr)])  # noqa: C419 # both
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None)).startswith(f"{root}/"):
            del sys.modules[name]
    gc.collect()  # closes the script's files and calls what waits for its objects' end
    for kept in gc.get_objects():
        if issubclass(type(kept), io.IOBase):
            _flushed(kept)
    return flushed


def _flushed(stream: typing.Any) -> bool:
    """Whether nothing of it is lost; one that is closed or not there has lost nothing."""
    try:
        if stream is not None and not stream.closed:
            stream.flush()
    except Exception:  # noqa: BLE001 # a stream can be of the script's making
        return False
    return True
