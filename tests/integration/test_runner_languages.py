"""How each language takes inputs and gives outputs."""

from __future__ import annotations

import pytest

from dataminer.domain.errors import OutputMissing, RuntimeUnavailable, ScriptFailed
from dataminer.domain.methods import DataType, Input, Passing, Runtime
from dataminer.domain.values import BoundingBox
from tests.integration.running import a_bench, a_box, an_output, text_of, value_of
from workers.runtimes import LANGUAGES, offered_runtimes

NASTY = (
    'it\'s "quoted" \\ and \\n',
    "$(touch pwned) `touch pwned` ${HOME} $HOME; touch pwned & touch pwned | cat",
    "two\nlines\r\nand\ttabs\n",
    "ünï©ödé 😀 \u2028 \u202e %s %d {0}",
    "'); system('touch pwned'); x = ('",
    '"); system("touch pwned"); x <- c("',
    "--flag=1 #not a comment % nor this",
    "".join(map(chr, range(1, 128))),
    "",
    " ",
    "EOF",
    "]]>",
)


def need(runtime: Runtime):
    here = runtime in offered_runtimes()
    return pytest.param(
        runtime, marks=pytest.mark.skipif(not here, reason=f"{runtime} is not installed")
    )


needs_r = pytest.mark.skipif(Runtime.R not in offered_runtimes(), reason="R is not installed")
needs_octave = pytest.mark.skipif(
    Runtime.OCTAVE not in offered_runtimes(), reason="Octave is not installed"
)


@pytest.fixture
def bench(tmp_path):
    with a_bench(tmp_path) as bench:
        yield bench


ALL = [need(runtime) for runtime in (Runtime.PYTHON, Runtime.R, Runtime.OCTAVE, Runtime.SHELL)]
RECKON = {
    Runtime.PYTHON: """
n = 3
k = n + 1; y = x; g = flag; b = box; s = sum(many); w = words[1]; d = day
f = "out.txt"
open(f, "w").write(open(data).read())
""",
    Runtime.R: """
n <- 3
k <- n + 1; y <- x; g <- flag; b <- box; s <- sum(many); w <- words[2]; d <- as.Date(day)
f <- "out.txt"
writeLines(readLines(data), f)
""",
    Runtime.OCTAVE: """
n = 3;  % the number
k = n + 1; y = x; g = flag; b = box; s = sum(many); w = words{2}; d = day;
f = "out.txt";
h = fopen(f, "w"); fprintf(h, "%s", fileread(data)); fclose(h);
""",
    Runtime.SHELL: """
set -eu
n=3 # the number
k=$((n + 1)); y=$x; g=$flag; b=$box; w=${words[1]}; d=$day
s=$(printf '%s\\n' "${many[@]}" | awk '{t += $1} END {print t}')
f=out.txt
cp "$data" $f
""",
}


@pytest.mark.parametrize("runtime", ALL)
def test_variables_carry_every_type(bench, runtime):
    inputs = {
        "n": DataType.INTEGER,
        "x": DataType.FLOAT,
        "flag": DataType.BOOLEAN,
        "box": DataType.BBOX,
        "data": DataType.FILE,
        "many": Input(identifier="many", type=DataType.FLOAT, max_occurs=5),
        "words": Input(identifier="words", type=DataType.STRING, max_occurs=5),
        "day": DataType.DATE,
    }
    values = {
        "n": "41", "x": "1e-07", "flag": "true", "box": a_box(), "data": bench.payload("öl\n"),
        "many": ["1.5", "2.5"], "words": ["a", "b c"], "day": "2026-03-31",
    }  # fmt: skip
    outputs = (
        an_output("k", DataType.INTEGER), an_output("y", DataType.FLOAT),
        an_output("g", DataType.BOOLEAN), an_output("b", DataType.BBOX),
        an_output("s", DataType.FLOAT), an_output("w"), an_output("d", DataType.DATE),
        an_output("f", DataType.FILE),
    )  # fmt: skip

    outcome = bench.run(RECKON[runtime], runtime=runtime, inputs=inputs, values=values,
                        outputs=outputs)  # fmt: skip

    assert outcome.failure is None
    assert [text_of(outcome, name) for name in "kygswd"] == [
        "42", "1e-07", "true", "4.0", "b c", "2026-03-31",
    ]  # fmt: skip
    assert value_of(outcome, "b") == a_box()
    assert bench.content(outcome, "f").decode() == "öl\n"


@pytest.mark.parametrize("runtime", ALL)
def test_no_text_is_ever_taken_for_code(bench, runtime):
    end = ";" if runtime in (Runtime.OCTAVE, Runtime.R) else ""
    sign = {Runtime.R: " <- ", Runtime.SHELL: "=$"}.get(runtime, " = ")
    script = "".join(f"o{n}{sign}s{n}{end}\n" for n in range(len(NASTY)))

    outcome = bench.run(
        script,
        runtime=runtime,
        inputs={f"s{n}": DataType.STRING for n in range(len(NASTY))},
        values={f"s{n}": text for n, text in enumerate(NASTY)},
        outputs=tuple(an_output(f"o{n}") for n in range(len(NASTY))),
    )

    assert outcome.failure is None
    assert [text_of(outcome, f"o{n}") for n in range(len(NASTY))] == list(NASTY)


ODD_NAMES = {
    Runtime.PYTHON: "a_b = my_input + 1; class_ = 5",
    Runtime.R: "a.b <- my.input + 1; class <- 5",
    Runtime.OCTAVE: "a_b = my_input + 1; class = 5;",
    Runtime.SHELL: "a_b=$((my_input + 1)); class=5",
}


@pytest.mark.parametrize("runtime", ALL)
def test_identifiers_that_are_no_names_of_the_language_are_mapped(bench, runtime):
    outcome = bench.run(
        ODD_NAMES[runtime],
        runtime=runtime,
        inputs={"my.input": DataType.INTEGER},
        values={"my.input": "1"},
        outputs=(an_output("a.b", DataType.INTEGER), an_output("class", DataType.INTEGER)),
    )

    assert (text_of(outcome, "a.b"), text_of(outcome, "class")) == ("2", "5")


DEFAULTS = {
    Runtime.PYTHON: """
# wps.off;
raise ValueError("only at home")
# wps.on;
n: int = 3
kept = 4
n = n * 10
again = n
n = 1
""",
    Runtime.R: """
rm(list = ls())
# wps.off;
stop("only at home")
# wps.on;
n <- -3
kept <- 4
n <- n * 10
again <- n
n <- 1
""",
    Runtime.OCTAVE: """
clear all; close all;
% wps.off;
error("only at home")
% wps.on;
n = [3];
kept = 4;
n = n * 10;
again = n;
n = 1;
""",
    Runtime.SHELL: """
# wps.off;
exit 1
# wps.on;
export n="3"
kept=4
n=$((n * 10))
again=$n
n=1
""",
}


@pytest.mark.parametrize("runtime", ALL)
def test_the_first_constant_of_an_input_is_its_default_and_gives_way(bench, runtime):
    outputs = tuple(an_output(name, DataType.INTEGER) for name in ("again", "n", "kept"))

    outcome = bench.run(DEFAULTS[runtime], runtime=runtime, outputs=outputs,
                        inputs={"n": DataType.INTEGER, "kept": DataType.INTEGER},
                        values={"n": "7"})  # fmt: skip

    assert outcome.failure is None
    assert [text_of(outcome, name) for name in ("again", "n", "kept")] == ["70", "1", "4"]


FAILING = {
    Runtime.PYTHON: ("def f():\n    raise KeyError('boom')\ny = f()", "line 2, in f"),
    Runtime.R: ("f <- function(a) stop('boom')\ny <- f(3)", "Error in f(3): boom"),
    Runtime.OCTAVE: ("1;\nfunction r = f()\n  error('boom');\nend\ny = f();", "f at line 3"),
    Runtime.SHELL: ("set -e\nls /boom\ny=1", "/boom"),
}


@pytest.mark.parametrize("runtime", ALL)
def test_an_error_of_the_script_is_its_own_and_ends_it(bench, runtime):
    script, said = FAILING[runtime]

    outcome = bench.run(script, runtime=runtime, outputs=(an_output("y"),))

    assert isinstance(outcome.failure, ScriptFailed)
    assert outcome.exit_code not in (0, None)
    assert "boom" in str(outcome.failure)
    assert said in str(outcome.failure)


SYNTAX = {
    Runtime.PYTHON: "y = (",
    Runtime.R: "y <- (\n}",
    Runtime.OCTAVE: "y = (",
    Runtime.SHELL: "if [",
}


@pytest.mark.parametrize("runtime", ALL)
def test_a_syntax_error_ends_it(bench, runtime):
    outcome = bench.run(SYNTAX[runtime], runtime=runtime, outputs=(an_output("y"),))

    assert isinstance(outcome.failure, ScriptFailed)
    assert "script." in str(outcome.failure)


@pytest.mark.parametrize("runtime", ALL)
def test_an_output_that_was_not_set_is_missed(bench, runtime):
    outcome = bench.run("z=1", runtime=runtime, outputs=(an_output("y"),))

    assert isinstance(outcome.failure, OutputMissing)
    assert "'y'" in str(outcome.failure)


LEAVING = {
    Runtime.PYTHON: ("import sys\ny = 1\nsys.exit(3)", ""),
    Runtime.R: ("y <- 1\nquit(status = 3)", "y <- 1\nq()"),
    Runtime.OCTAVE: ("y = 1; exit(3)", "y = 1; exit"),
    Runtime.SHELL: ("y=1; exit 3", "trap 'echo bye' EXIT; y=1; exit"),
}


@pytest.mark.parametrize("runtime", ALL)
def test_an_exit_code_is_passed_on(bench, runtime):
    outcome = bench.run(LEAVING[runtime][0], runtime=runtime, outputs=(an_output("y"),))

    assert outcome.exit_code == 3


@pytest.mark.parametrize("runtime", ALL[1:])
def test_a_script_that_leaves_by_itself_still_gives_its_outputs(bench, runtime):
    outcome = bench.run(LEAVING[runtime][1], runtime=runtime, outputs=(an_output("y"),))

    assert text_of(outcome, "y") == "1"


ARGUMENTS = {
    Runtime.PYTHON: "import sys\nprint('\\n'.join(sys.argv[1:]))",
    Runtime.R: "cat(commandArgs(TRUE), sep = '\\n')",
    Runtime.OCTAVE: "printf('%s\\n', argv(){:})",
    Runtime.SHELL: 'printf "%s\\n" "$@"',
    Runtime.BINARY: '#!/bin/sh\nprintf "%s\\n" "$@"',
}


@pytest.mark.parametrize("runtime", [*ALL, need(Runtime.BINARY)])
def test_arguments_come_in_the_declared_order(bench, runtime):
    inputs = {
        "n": DataType.INTEGER, "b": DataType.BOOLEAN, "s": DataType.STRING, "box": DataType.BBOX,
        "many": Input(identifier="many", type=DataType.STRING, max_occurs=3),
    }  # fmt: skip
    box = BoundingBox(lower=(-10.0, 0.0), upper=(5.5, 1.0), crs="EPSG:4326")
    values = {"many": ["a b", "$c"], "n": "-7", "b": "true", "s": "--evil", "box": box}

    outcome = bench.run(ARGUMENTS[runtime], runtime=runtime, passing=Passing.ARGUMENTS,
                        inputs=inputs, values=values, outputs=(an_output("o"),))  # fmt: skip

    assert outcome.failure is None
    assert text_of(outcome, "o").split("\n") == [
        "--n", "-7", "--b", "true", "--s=--evil", "--box=-10,0,5.5,1,EPSG:4326",
        "--many", "a b", "--many", "$c",
    ]  # fmt: skip


COPY = """cp $DATAMINER_INPUTS o.txt; echo '{"o": "o.txt", "l": 5}' > $DATAMINER_OUTPUTS"""
JSON = {
    Runtime.PYTHON: f"import os\nos.system('''{COPY}''')",
    Runtime.R: f"system({COPY!r})",
    Runtime.OCTAVE: "system('" + COPY.replace("'", "''") + "');",
    Runtime.SHELL: COPY,
    Runtime.BINARY: "#!/bin/sh\n" + COPY,
}


@pytest.mark.parametrize("runtime", [*ALL, need(Runtime.BINARY)])
def test_json_is_read_and_written_by_the_script_itself(bench, runtime):
    outcome = bench.run(JSON[runtime], runtime=runtime, passing=Passing.JSON,
                        inputs={"n": DataType.INTEGER}, values={"n": "7"},
                        outputs=(an_output("o", DataType.FILE), an_output("l")))  # fmt: skip

    assert bench.content(outcome, "o") == b'{"n": 7}'
    assert text_of(outcome, "l") == "5"


@pytest.mark.parametrize("runtime", [*ALL, need(Runtime.BINARY)])
def test_progress_is_seen_while_the_script_runs(bench, runtime):
    line = {
        Runtime.R: "cat('#progress 50 half\\n'); Sys.sleep(1000)",
        Runtime.OCTAVE: "printf('#progress 50 half\\n'); pause(1000)",
        Runtime.PYTHON: "import time; print('#progress 50 half'); time.sleep(1000)",
    }.get(runtime, "#!/bin/sh\necho '#progress 50 half'; sleep 1000")
    passing = Passing.JSON if runtime is Runtime.BINARY else Passing.VARIABLES
    bench.watcher.stop_when = lambda watcher: bool(watcher.progress)

    bench.run(line, runtime=runtime, passing=passing)

    assert bench.watcher.progress == [(50, "half")]


def test_only_python_has_functions(bench):
    outcome = bench.run("1", runtime=Runtime.SHELL, passing=Passing.FUNCTION)

    assert isinstance(outcome.failure, RuntimeUnavailable)


@pytest.mark.parametrize("runtime", ALL)
def test_the_version_of_the_interpreter_is_known(runtime):
    language = LANGUAGES[runtime]

    assert language.version(language.interpreter())[-1].isdigit()


@needs_r
def test_a_data_frame_of_r_becomes_a_table(bench):
    outcome = bench.run('t <- data.frame(a = 1:2, b = c("x", "y"))', runtime=Runtime.R,
                        outputs=(an_output("t", DataType.TABLE),))  # fmt: skip

    assert bench.content(outcome, "t") == b'"a","b"\n1,"x"\n2,"y"\n'


@needs_r
def test_numbers_of_r_keep_all_their_digits(bench):
    outputs = tuple(an_output(name, DataType.FLOAT) for name in "abcd")

    outcome = bench.run("a <- 0.1 + 0.2; b <- 1e300; c <- 2/3; d <- Inf", runtime=Runtime.R,
                        outputs=outputs)  # fmt: skip

    assert [text_of(outcome, name) for name in "abcd"] == [
        "0.30000000000000004", "1e+300", "0.6666666666666666", "INF",
    ]  # fmt: skip


@needs_octave
def test_numbers_of_octave_keep_all_their_digits(bench):
    outputs = tuple(an_output(name, DataType.FLOAT) for name in "abc")

    outcome = bench.run("a = 0.1 + 0.2; b = 1e300; c = -Inf;", runtime=Runtime.OCTAVE,
                        outputs=outputs)  # fmt: skip

    assert [text_of(outcome, n) for n in "abc"] == ["0.30000000000000004", "1e+300", "-INF"]
