"""A warm interpreter gives what a cold one gives, and no run leaves anything to the next."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from dataminer.domain.errors import ComputationFailed, LimitExceeded, NodeDied, ScriptFailed
from dataminer.domain.methods import DataType, Limits, Passing
from tests.integration.running import Bench, RecordingWatcher, a_bench, an_output, text_of
from workers.sandbox import Level, why_not

FUNCTION = {"passing": Passing.FUNCTION, "outputs": (an_output("o"),)}

DAEMON_THREAD = """
import threading, time
threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
"""

SLOW_THREAD = """
import threading, time
def tell():
    time.sleep(0.2)
    print("thread")
threading.Thread(target=tell).start()
"""


@pytest.fixture
def bench(tmp_path):
    with a_bench(tmp_path) as bench:
        yield bench


@pytest.fixture(params=["warm", "cold"])
def either(tmp_path, request):
    with a_bench(tmp_path, warm=request.param == "warm") as bench:
        yield bench


def zygotes_of(bench: Bench) -> list[int]:
    living = bench.launcher._zygotes._zygotes.values()
    return [zygote.process.pid for zygote in living if zygote.process is not None]


# --- the same as cold -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "exit_code", "said"),
    [
        ("raise SystemExit", 0, ""),
        ("raise SystemExit(3)", 3, ""),
        ("raise SystemExit(-1)", 255, ""),
        ("raise SystemExit('enough')", 1, "enough\n"),
        ("import os; os._exit(7)", 7, ""),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", None, ""),
        ("import signal; print(signal.getsignal(signal.SIGCHLD))", 0, "0\n"),
        ("import sys; print(sys.flags.isolated, sys.flags.dont_write_bytecode)", 0, "1 1\n"),
        ("import sys; print(__name__, len(sys.argv), sys.stdin.read())", 0, "__main__ 1 \n"),
        ("import sys; print(sys.stdout.encoding, sys.stderr.errors)", 0,
         "utf-8 backslashreplace\n"),
        ("import atexit; atexit.register(print, 'bye')", 0, "bye\n"),
        (SLOW_THREAD, 0, "thread\n"),
        (DAEMON_THREAD, 0, ""),
        ("class C:\n def __del__(self):\n  print('gone')\nc = C()", 0, "gone\n"),
        ("import sys; sys.stdout.close(); sys.stderr.close()", 0, ""),
        ("import os; os.close(0); os.close(1); os.close(2)", 0, ""),
        ("import os; os.system('echo $HOME' + ' | grep -c work'); ", 0, "1\n"),
        ("import tempfile, os; print(tempfile.gettempdir() == os.environ['TMPDIR'])", 0, "True\n"),
        ("import os; print(sorted(os.listdir('/proc/self/fd'))[:3])", 0, "['0', '1', '2']\n"),
    ],
)  # fmt: skip
def test_a_script_ends_as_it_does_when_started_cold(either, script, exit_code, said):
    outcome = either.run(script)

    assert outcome.exit_code == exit_code
    assert either.log(outcome) == said


def test_tracebacks_are_the_same(tmp_path):
    script = "def f():\n    raise KeyboardInterrupt\nimport sys\ntry:\n    1/0\nfinally:\n    f()"
    logs = []

    for warm in (True, False):
        with a_bench(tmp_path / str(warm), warm=warm) as bench:
            outcome = bench.run(script)
            told = bench.log(outcome).splitlines()
            logs.append([line for line in told if "PROBE_ID" not in line and "main(" not in line])
            assert "ended by SIGINT" in str(outcome.failure)

    assert logs[0][-3:] == logs[1][-3:]


def test_a_file_that_was_not_closed_is_complete(either):
    script = "kept = open('o.txt', 'w')\nkept.write('all of it')"

    outcome = either.run(script, outputs=(an_output("f", DataType.FILE, file="o.txt"),))

    assert either.content(outcome, "f") == b"all of it"


def test_a_module_that_bears_the_name_of_a_library_is_the_scripts(either):
    script = "import statistics\ndef main():\n    return statistics.mine"

    outcome = either.run(script, files={"statistics.py": "mine = 'yes'"}, **FUNCTION)

    assert text_of(outcome, "o") == "yes"


def test_dismissing_ends_what_forks_and_ignores_signals(bench):
    bench.watcher.stop_when = lambda watcher: "daemon" in watcher.lines
    script = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print("daemon", flush=True)
time.sleep(1000)
"""

    outcome = bench.run(script)

    assert isinstance(outcome.failure, ComputationFailed)
    assert bench.launcher.statistics().starts == 1


# --- nothing stays ----------------------------------------------------------------------------

POISONS = [
    "import os; os.environ['POISON'] = 'yes'; os.putenv('POISON', 'yes')",
    "import sys, types; sys.modules['json'] = types.ModuleType('json')",
    "import builtins; builtins.len = lambda _: 42; builtins.open = None",
    "import os; os.chdir('/'); os.umask(0)",
    "import sys; sys.path.insert(0, '/nowhere'); sys.setrecursionlimit(60)",
    "import random; random.random = lambda: 4; random.seed(1)",
    "import sys; sys.stdout.close(); sys.stderr = None",
    "import os; os.closerange(0, 1000)",
    "import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN); signal.alarm(1)",
    DAEMON_THREAD,
    "import gc, ctypes; gc.disable(); ctypes.memset(id(12345), 0, 8)",
]

CLEAN = """
import builtins, gc, json, os, random, signal, sys
print("POISON" in os.environ, os.system("test -z $POISON"), json.loads("[1]"), len("ab"),
      os.getcwd() == os.environ["HOME"], "/nowhere" in sys.path, sys.getrecursionlimit(),
      random.random() == 4, gc.isenabled(), signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL)
"""


@pytest.mark.parametrize("poison", POISONS)
def test_a_run_cannot_poison_the_next(bench, poison):
    bench.run(poison)
    outcome = bench.run(CLEAN)

    assert bench.log(outcome) == "False 0 [1] 2 True False 1000 False True True\n"
    assert bench.launcher.statistics().hits == 1


def test_two_runs_of_a_random_script_give_different_numbers(bench):
    script = "import random\ndef main():\n    return str(random.random())"

    numbers = {text_of(bench.run(script, **FUNCTION), "o") for _ in range(3)}

    assert len(numbers) == 3


# --- when a zygote dies -----------------------------------------------------------------------


def test_a_script_whose_zygote_is_killed_fails_and_the_next_one_runs(bench):
    bench.watcher.stop_when = lambda watcher: (
        "up" in watcher.lines and os.kill(zygotes_of(bench)[0], signal.SIGKILL)
    )

    first = bench.run("import time; print('up'); time.sleep(1000)")
    bench.watcher = RecordingWatcher()
    second = bench.run("print('again')")

    assert isinstance(first.failure, NodeDied)
    assert second.failure is None
    assert bench.launcher.statistics().starts == 2


def test_an_interpreter_that_cannot_be_kept_warm_runs_cold(bench):
    lock = "threads"
    site = a_library(bench, lock, "threaded", DAEMON_THREAD)

    outcomes = [bench.run("import threaded\nx = 1", lock=lock) for _ in range(2)]

    assert site.is_dir()
    assert [outcome.failure for outcome in outcomes] == [None, None]
    statistics = bench.launcher.statistics()
    assert (statistics.starts, statistics.hits, statistics.cold) == (1, 0, 2)


def a_library(bench: Bench, lock: str, name: str, source: str) -> Path:
    """An environment that has a library of one module."""
    made = bench.environments.ensure("", lambda _: None).interpreter.parent.parent
    made.rename(made.with_name(bench.environments.digest(lock)))
    (site,) = made.with_name(bench.environments.digest(lock)).glob("lib/python3*/site-packages")
    (site / f"{name}.py").write_text(source)
    return site


def test_libraries_are_imported_once_and_the_scripts_own_modules_never(bench):
    a_library(bench, "lib", "slow", "import os\npid = os.getpid()")
    script = "import slow, own, os\ndef main():\n    return f'{slow.pid} {own.pid == os.getpid()}'"
    files = {"own.py": "import os\npid = os.getpid()"}

    said = {text_of(bench.run(script, files=files, lock="lib", **FUNCTION), "o") for _ in range(2)}

    assert said == {f"{zygotes_of(bench)[0]} True"}


def test_what_was_not_used_for_longest_is_ended_when_memory_is_short(tmp_path):
    with a_bench(tmp_path) as bench:
        a_library(bench, "lib", "one", "")
        bench.launcher._zygotes._budget_bytes = 1
        bench.run("import one", lock="lib")
        first = zygotes_of(bench)

        bench.run("x = 1", lock="lib")

        assert len(zygotes_of(bench)) == 1
        assert zygotes_of(bench) != first
        assert not Path(f"/proc/{first[0]}").exists()


def test_an_idle_zygote_is_ended(bench):
    bench.run("x = 1")
    bench.launcher._zygotes._idle_seconds = -1

    assert bench.launcher.statistics().zygotes == 0


# --- limits, usage and sandbox ----------------------------------------------------------------


def test_a_script_that_takes_too_much_memory_is_ended_and_told_the_limit(either):
    script = "import time\nx = bytearray(300 << 20)\ntime.sleep(1000)"

    outcome = either.run(script, limits=Limits(wall_seconds=60, memory_mb=100))

    assert isinstance(outcome.failure, LimitExceeded)
    assert "memory_mb = 100" in str(outcome.failure)


def test_a_script_that_writes_too_much_is_ended_and_told_the_limit(either):
    script = "import time\nopen('x', 'wb').write(bytes(9 << 20))\ntime.sleep(1000)"

    outcome = either.run(script, limits=Limits(wall_seconds=60, folder_mb=5))

    assert isinstance(outcome.failure, LimitExceeded)
    assert "folder_mb = 5" in str(outcome.failure)


def test_the_outcome_tells_what_was_used(either):
    outcome = either.run("import time\nx = sum(range(3000000))\ntime.sleep(0.2)")

    assert outcome.usage is not None
    assert outcome.usage.wall_seconds > 0.2
    assert outcome.usage.cpu_seconds > 0
    assert outcome.usage.peak_memory_bytes > 1 << 20


@pytest.mark.parametrize("level", [Level.STANDARD, Level.STRICT])
@pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])
def test_a_script_in_a_sandbox_gives_its_outputs_and_sees_no_secrets(tmp_path, level, warm):
    if lacking := why_not(level):
        pytest.skip(lacking)
    script = """
import os
def main(data):
    text = data.read_text()
    with open("o.txt", "w") as file:
        file.write(text)
    try:
        os.listdir(os.path.join(os.environ["HOME"], "..", "..", ".."))
    except OSError:
        return "kept"
    return "free"
"""
    with a_bench(tmp_path, warm=warm, level=level) as bench:
        outputs = (an_output("o"), an_output("f", DataType.FILE, file="o.txt"))

        outcome = bench.run(script, passing=Passing.FUNCTION, inputs={"data": DataType.FILE},
                            values={"data": bench.payload("told")}, outputs=outputs)  # fmt: skip
        failed = bench.run("raise ValueError('no')")

        assert outcome.failure is None
        assert text_of(outcome, "o") == "kept"
        assert bench.content(outcome, "f") == b"told"
        assert isinstance(failed.failure, ScriptFailed)
        assert bench.job_folders == []
