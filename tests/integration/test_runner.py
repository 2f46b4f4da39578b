"""What scripts get, give and are kept from, by real processes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from dataminer.domain.errors import (
    ComputationFailed,
    InvalidValue,
    LimitExceeded,
    NodeDied,
    OutputMissing,
    RuntimeUnavailable,
    ScriptFailed,
)
from dataminer.domain.methods import (
    DataType,
    Format,
    Input,
    Limits,
    Manifest,
    Package,
    Passing,
    Runtime,
)
from dataminer.domain.tables import Dialect
from dataminer.domain.values import Payload
from tests.integration.running import (
    Bench,
    RecordingWatcher,
    a_bench,
    a_computation,
    an_output,
    processes_with,
    text_of,
    value_of,
)

SHELL = {"runtime": Runtime.SHELL, "passing": Passing.ARGUMENTS}


@pytest.fixture(params=["warm", "cold"])
def bench(tmp_path, request):
    with a_bench(tmp_path, warm=request.param == "warm") as bench:
        yield bench


@pytest.fixture(autouse=True)
def nothing_is_left(bench: Bench):
    yield

    assert bench.job_folders == []
    assert processes_with(f"{bench.folder}/jobs") == []


# --- what a script gets -----------------------------------------------------------------------


def test_a_script_sees_its_own_environment_variables_and_no_others(bench, monkeypatch):
    monkeypatch.setenv("DATAMINER_SECRET", "swordfish")

    outcome = bench.run("env > env.txt", outputs=(an_output("o", DataType.FILE, file="env.txt"),),
                        **SHELL, limits=Limits(wall_seconds=60, cores=2))  # fmt: skip

    seen = dict(line.split("=", 1) for line in bench.content(outcome, "o").decode().splitlines())
    assert set(seen) - {"PWD", "SHLVL", "_"} == {
        "PATH", "LANG", "HOME", "TMPDIR", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS", "PYTHONUNBUFFERED", "MPLBACKEND", "DATAMINER_COMPUTATION",
        "DATAMINER_USER", "DATAMINER_TENANT", "DATAMINER_INPUTS", "DATAMINER_OUTPUTS",
    }  # fmt: skip
    assert (seen["DATAMINER_USER"], seen["DATAMINER_TENANT"]) == ("ada", "demo")
    assert seen["OMP_NUM_THREADS"] == "2"
    assert seen["HOME"] == seen["PWD"]


def test_a_script_starts_in_an_empty_folder_without_input_or_open_files(bench):
    script = "ls -A; cat; umask; ls /proc/self/fd | tr '\\n' ' '"

    outcome = bench.run(script, outputs=(an_output("o", optional=True, file="x"),), **SHELL)

    assert bench.log(outcome).split("\n") == ["0077", "0 1 2 3 "]  # 3 is the folder that ls reads


def test_the_inputs_json_holds_typed_values(bench):
    inputs = {
        "n": DataType.INTEGER, "x": DataType.FLOAT, "b": DataType.BOOLEAN, "s": DataType.STRING,
        "left_out": Input(identifier="left_out", type=DataType.STRING, min_occurs=0),
        "many": Input(identifier="many", type=DataType.INTEGER, max_occurs=3),
    }  # fmt: skip
    values = {"n": "42", "x": "0.5", "b": "true", "s": "1", "many": ["7"]}

    outcome = bench.run("cat $DATAMINER_INPUTS", inputs=inputs, values=values,
                        runtime=Runtime.SHELL, passing=Passing.JSON)  # fmt: skip

    assert bench.log(outcome) == '{"n": 42, "x": 0.5, "b": true, "s": "1", "many": [7]}'


def test_further_occurrences_of_a_file_lie_in_folders_of_their_own(bench):
    files = Input(identifier="data", type=DataType.FILE, max_occurs=3)
    values = {"data": [bench.payload("one", "same.txt"), bench.payload("two", "same.txt")]}

    outcome = bench.run("cat $2 $4", inputs={"data": files}, values=values,
                        outputs=(an_output("o", DataType.FILE),), **SHELL)  # fmt: skip

    assert bench.content(outcome, "o") == b"onetwo"


def test_a_file_name_cannot_leave_the_folder_of_its_input(bench):
    values = {"data": bench.payload("x", "../../../work/" + "é" * 300 + ".csv")}

    outcome = bench.run("ls -A; basename $2 | tail -c 5", inputs={"data": DataType.FILE},
                        values=values, outputs=(an_output("o"),), **SHELL)  # fmt: skip

    assert text_of(outcome, "o") == ".csv"


def test_a_table_is_made_uniform_and_the_log_says_so(bench):
    dialect = Dialect(delimiter=";", decimal=",", encoding="cp1252")
    payload = bench.payload("näme;x\nä;1,5\n".encode("cp1252"), "t.csv", dialect=dialect)

    outcome = bench.run("cat $2", inputs={"t": DataType.TABLE}, values={"t": payload},
                        outputs=(an_output("o", DataType.FILE),), **SHELL)  # fmt: skip

    assert bench.content(outcome, "o").decode() == "näme,x\nä,1.5\n"
    assert "delimiter ';'" in bench.log(outcome)
    assert bench.watcher.lines[0].startswith("note: table 't' came with")


def test_a_table_that_turns_out_to_be_in_another_encoding_names_the_input(bench):
    payload = bench.payload(b"a;b\n\xff;1\n", dialect=Dialect(delimiter=";"))

    outcome = bench.run("true", inputs={"t": DataType.TABLE}, values={"t": payload}, **SHELL)

    assert isinstance(outcome.failure, InvalidValue)
    assert "Input 't'" in str(outcome.failure)
    assert outcome.exit_code is None


def test_a_text_that_no_language_can_take_is_refused(bench):
    outcome = bench.run("true", inputs={"s": DataType.STRING}, values={"s": "a\0b"}, **SHELL)

    assert isinstance(outcome.failure, InvalidValue)


def test_an_input_whose_bytes_are_gone_is_told(bench):
    payload = bench.payload("x")
    bench.blobs.delete(payload.digest)

    outcome = bench.run("true", inputs={"f": DataType.FILE}, values={"f": payload}, **SHELL)

    assert str(outcome.failure) == "The content of input 'f' is not here any more."


def a_manifest(entry: str) -> Manifest:
    return Manifest(identifier="PROBE", title="Probe", runtime=Runtime.SHELL, entry=entry,
                    passing=Passing.ARGUMENTS, outputs=())  # fmt: skip


def test_a_package_without_its_script_is_told(bench):
    package = Package(manifest=a_manifest(entry="nowhere.sh"), files=())

    outcome = bench.runner.run(a_computation({}), package, bench.watcher)

    assert str(outcome.failure) == "The package has no file 'nowhere.sh'."


def test_a_package_file_outside_of_its_package_is_refused(bench):
    outcome = bench.run("true", files={"../../escaped": "x"}, **SHELL)

    assert isinstance(outcome.failure, ComputationFailed)
    assert not (bench.folder / "jobs" / "escaped").exists()


# --- what a script prints ---------------------------------------------------------------------


def test_lines_reach_the_watcher_while_the_script_runs(bench):
    bench.watcher.stop_when = lambda watcher: "ready" in watcher.lines

    outcome = bench.run("echo ready; sleep 1000", **SHELL)

    assert "told to stop" in str(outcome.failure)


def test_progress_lines_and_bars_are_understood(bench):
    script = r"""
    echo '#progress 10 reading'; sleep 0.2
    printf '\rfitting:  40%%|####      | 4/10' >&2; sleep 0.2
    printf '\rfitting: 100%%|##########| 10/10\n' >&2; sleep 0.2
    echo '#progress 250'
    """

    outcome = bench.run(script, **SHELL)

    assert outcome.failure is None
    assert bench.watcher.progress == [(10, "reading"), (40, "fitting"), (100, "fitting"), (100, "")]


def test_binary_bytes_are_replaced_and_long_lines_cut(bench):
    script = "printf 'a\\377\\000b\\n'; head -c 1000000 /dev/zero | tr '\\0' 'x'; echo; echo end"

    outcome = bench.run(script, **SHELL)

    assert bench.watcher.lines[0] == "a\ufffd\ufffdb"
    assert bench.watcher.lines[-1] == "end"
    assert max(len(line.encode()) for line in bench.watcher.lines) <= 65_536
    assert sum(line.count("x") for line in bench.watcher.lines) == 1_000_000
    assert len(bench.log(outcome)) == len("a\ufffd\ufffdb\n") + 1_000_001 + len("end\n")


def test_the_failure_shows_exit_code_and_last_lines(bench):
    outcome = bench.run("seq 1 50; exit 3", runtime=Runtime.SHELL)

    assert isinstance(outcome.failure, ScriptFailed)
    assert outcome.exit_code == 3
    assert str(outcome.failure) == (
        "The script ended with exit code 3. The last lines of its log:\n"
        + "\n".join(map(str, range(41, 51)))
    )


def test_the_failure_does_not_tell_where_the_server_keeps_jobs(bench):
    outcome = bench.run("raise ValueError('no')")

    assert 'File "script.py", line 1' in str(outcome.failure)
    assert str(bench.folder) not in str(outcome.failure)


def test_an_end_by_a_signal_is_named_and_has_no_exit_code(bench):
    outcome = bench.run("kill -SEGV $$", runtime=Runtime.SHELL)

    assert outcome.exit_code is None
    assert "ended by SIGSEGV" in str(outcome.failure)


# --- how it is ended --------------------------------------------------------------------------

STUBBORN = """
trap '' TERM INT HUP
(trap '' TERM HUP; exec setsid sh -c 'trap "" TERM HUP; (sleep 1000 &) ; sleep 1000') &
python3 -c '
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print("daemon", flush=True)
        time.sleep(1000)
' &
wait
sleep 1000
"""


def test_dismissing_ends_what_forks_and_ignores_signals(bench):
    bench.watcher.stop_when = lambda watcher: "daemon" in watcher.lines

    outcome = bench.run(STUBBORN, **SHELL)

    assert isinstance(outcome.failure, ComputationFailed)
    assert outcome.exit_code is None


def test_what_a_script_leaves_running_ends_with_it(bench):
    outcome = bench.run("setsid sleep 1000 & sleep 1000 & echo done", **SHELL)

    assert outcome.failure is None
    assert bench.watcher.lines == ["done"]


def test_a_script_that_never_ends_meets_its_limit(bench):
    outcome = bench.run("while :; do :; done", limits=Limits(wall_seconds=1), **SHELL)

    assert isinstance(outcome.failure, LimitExceeded)
    assert "wall_seconds = 1" in str(outcome.failure)


def test_a_stop_before_the_start_launches_nothing(bench):
    bench.watcher.stop_when = lambda _: True

    outcome = bench.run("echo started", **SHELL)

    assert isinstance(outcome.failure, ComputationFailed)
    assert bench.watcher.lines == []


def test_a_script_whose_launcher_is_killed_fails_and_the_next_one_runs(bench):
    bench.watcher.stop_when = lambda watcher: (
        "up" in watcher.lines and os.kill(bench.launcher._process.pid, 9)
    )

    first = bench.run("echo up; sleep 1000", **SHELL)
    bench.watcher = RecordingWatcher()
    second = bench.run("echo again", **SHELL)

    assert isinstance(first.failure, NodeDied)
    assert second.failure is None


def test_a_watcher_that_fails_leaves_nothing_running(bench):
    def fail(_: RecordingWatcher) -> bool:
        if bench.watcher.lines:
            raise ConnectionError("the database is gone")
        return False

    bench.watcher.stop_when = fail

    with pytest.raises(ConnectionError):
        bench.run("echo up; sleep 1000", **SHELL)


def test_a_folder_with_read_only_parts_is_removed(bench):
    outcome = bench.run("mkdir -p a/b; touch a/b/c; chmod 500 a/b a; ln -s / a_link", **SHELL)

    assert outcome.failure is None


def test_the_folder_of_an_earlier_try_does_not_matter(bench, monkeypatch):
    monkeypatch.setattr("tests.integration.running.uuid.uuid4", lambda: "again")
    left = bench.folder / "jobs" / "PROBE_ID_again.0" / "work"
    left.mkdir(parents=True)
    (left / "old.txt").touch()

    outcome = bench.run("ls", **SHELL)

    assert bench.log(outcome) == ""


# --- what a script gives ----------------------------------------------------------------------


def test_a_script_that_writes_nothing_is_told_what_was_expected(bench):
    outcome = bench.run("true", outputs=(an_output("o", DataType.FILE, file="out.csv"),), **SHELL)

    assert isinstance(outcome.failure, OutputMissing)
    assert "'o'" in str(outcome.failure)
    assert "'out.csv'" in str(outcome.failure)
    assert outcome.exit_code == 0


def test_an_optional_output_may_be_left_out(bench):
    outputs = (an_output("o", file="o.txt", optional=True), an_output("s"))

    outcome = bench.run("echo yes", outputs=outputs, **SHELL)

    assert outcome.failure is None
    assert [binding.identifier for binding in outcome.outputs] == ["s"]


def test_standard_output_is_taken_byte_for_byte(bench):
    declared = an_output("o", DataType.FILE, formats=(Format(media_type="text/csv"),))

    outcome = bench.run("printf 'a\\000\\377'; echo log >&2", outputs=(declared,), **SHELL)

    assert bench.content(outcome, "o") == b"a\0\xff"
    assert bench.log(outcome) == "log\n"
    assert value_of(outcome, "o").name == "o.csv"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("ln -s /etc/passwd out", "outside"),
        ("mkfifo out", "not a regular file"),
        ("mkdir out", "not a regular file"),
        ("ln -s out out", "cannot be read"),
        ("ln -s /dev/zero out", "outside"),
        ("ln -s nowhere out", "there is no file"),
    ],
)
def test_what_is_no_file_of_the_script_is_no_output(bench, script, said):
    outcome = bench.run(script, outputs=(an_output("o", DataType.FILE, file="out"),), **SHELL)

    assert isinstance(outcome.failure, OutputMissing)
    assert said in str(outcome.failure)


def test_a_script_cannot_put_another_folder_in_place_of_its_own(bench):
    script = "cd ..; mv work away; ln -s /etc work; rm log; ln -s /etc/passwd log"

    outcome = bench.run(script, outputs=(an_output("o", DataType.FILE, file="passwd"),), **SHELL)

    assert isinstance(outcome.failure, OutputMissing)
    assert bench.log(outcome) == ""


@pytest.mark.parametrize("path", ["../inputs.json", "/etc/passwd", "../../../../etc/passwd"])
def test_a_path_outside_the_folder_is_no_output(bench, path):
    outcome = bench.run(f"o={path}", runtime=Runtime.SHELL,
                        outputs=(an_output("o", DataType.FILE),))  # fmt: skip

    assert isinstance(outcome.failure, OutputMissing)


def test_links_inside_the_folder_are_followed(bench):
    outputs = (an_output("o", DataType.FILE, file="out.txt"),)

    outcome = bench.run("echo x > real; ln -s real out.txt", outputs=outputs, **SHELL)

    assert bench.content(outcome, "o") == b"x\n"
    assert value_of(outcome, "o").name == "out.txt"


def test_the_media_type_is_said_or_found_by_the_name_or_the_first(bench):
    formats = (Format(media_type="image/png"), Format(media_type="image/svg+xml"))
    outputs = tuple(an_output(name, DataType.FILE, formats=formats) for name in "abc")
    script = """
touch plot.svg plot.bin
a=plot.svg b=plot.bin
cat > $DATAMINER_OUTPUTS <<< '{"a": "plot.svg", "b": "plot.bin",
    "c": {"path": "plot.bin", "media_type": "image/svg+xml"}}'
"""

    outcome = bench.run(script, outputs=outputs, runtime=Runtime.SHELL, passing=Passing.JSON)

    found = [value_of(outcome, name) for name in "abc"]
    assert [value.media_type for value in found if isinstance(value, Payload)] == [
        "image/svg+xml", "image/png", "image/svg+xml",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "written",
    ['{"n": "many"}', '{"n": [1]}', "[]", "{", '{"n": 1.5}', "[" * 100_000],
)
def test_outputs_that_are_not_what_they_should_be_are_faults(bench, written):
    (script, files) = ("cp $(dirname $0)/o.json $DATAMINER_OUTPUTS", {"o.json": written})

    outcome = bench.run(script, files=files, outputs=(an_output("n", DataType.INTEGER),),
                        runtime=Runtime.SHELL, passing=Passing.JSON)  # fmt: skip

    assert isinstance(outcome.failure, ScriptFailed)


@pytest.mark.parametrize(
    "script",
    ["ln -s / $DATAMINER_OUTPUTS", "mkdir $DATAMINER_OUTPUTS", "mkfifo $DATAMINER_OUTPUTS"],
)
def test_outputs_that_are_no_file_are_a_fault(bench, script):
    outcome = bench.run(script, outputs=(an_output("o"),), runtime=Runtime.SHELL,
                        passing=Passing.JSON)  # fmt: skip

    assert isinstance(outcome.failure, ScriptFailed)


@pytest.mark.parametrize("script", ["true", "echo x; rm ../stdout"])
def test_a_standard_output_that_is_empty_or_gone_is_missed(bench, script):
    outcome = bench.run(script, outputs=(an_output("o", DataType.FILE),), **SHELL)

    assert isinstance(outcome.failure, OutputMissing)
    assert "standard output" in str(outcome.failure)


def test_outputs_are_kept_in_canonical_form_with_their_unit(bench):
    outputs = (
        an_output("n", DataType.INTEGER, file="n", unit="m"),
        an_output("x", DataType.FLOAT, file="x"),
        an_output("b", DataType.BOOLEAN, file="b"),
        an_output("t", DataType.DATETIME, file="t"),
    )
    script = "echo +0042 > n; echo 1E3 > x; echo yes > b; echo 2026-03-31T12:00:00+02:00 > t"

    outcome = bench.run(script, outputs=outputs, **SHELL)

    assert [text_of(outcome, name) for name in "nxbt"] == [
        "42", "1000.0", "true", "2026-03-31T10:00:00Z",
    ]  # fmt: skip
    assert value_of(outcome, "n").unit == "m"


def test_the_place_names_node_platform_and_interpreter(bench):
    outcome = bench.run("x = 1")

    place = outcome.place
    assert place.node == "here"
    assert place.interpreter == f"Python {sys.version.split()[0]}"
    assert place.platform.startswith("Linux-")
    assert place.environment == bench.environments.digest("")


def test_a_runtime_that_is_not_here_is_told(bench, monkeypatch):
    monkeypatch.setenv("PATH", str(Path("/nowhere")))

    outcome = bench.run("1", runtime=Runtime.OCTAVE)

    assert isinstance(outcome.failure, RuntimeUnavailable)


def test_a_program_that_cannot_start_says_why(bench):
    outcome = bench.run("#!/no/such/interpreter\n", runtime=Runtime.BINARY,
                        passing=Passing.ARGUMENTS)  # fmt: skip

    assert outcome.exit_code == 127
    assert "cannot start" in str(outcome.failure)
