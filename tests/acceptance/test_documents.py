"""What README and docs tell users to do works, and gives what they say."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.acceptance.conftest import Server

pytestmark = pytest.mark.xdist_group("server")

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
METHODS = (ROOT / "docs" / "methods.md").read_text()


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def files(text: str) -> dict[str, str]:
    return dict(re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", text, re.DOTALL))


def test_the_readmes_first_call_prints_what_it_says(server: Server, tmp_path: Path) -> None:
    server.dataminer("put", ROOT / "algorithms/DBSCAN/example/quakes.csv", "Input Data Sets/")
    script = blocks(README, "python")[0].replace("http://127.0.0.1:8080", server.url)

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    bundled, *rest = done.stdout.splitlines()
    expected, *expected_rest = blocks(README, "text")[0].splitlines()
    assert set(re.findall(r"'(.*?)'", expected)) <= set(re.findall(r"'(.*?)'", bundled))
    assert rest == expected_rest


def test_the_readmes_first_script_is_published_and_called(server: Server, tmp_path: Path) -> None:
    (tmp_path / "growth.py").write_text(blocks(README, "python")[1])
    server.dataminer("import", tmp_path / "growth.py")
    address, expected = re.search(r"curl '(.*?)'\n(.*?)\n", README).groups()

    answer = requests.get(address.replace("http://127.0.0.1:8080", server.url), timeout=60)

    assert answer.text.strip() == expected


def test_every_command_of_the_readme_is_one(server: Server) -> None:
    commands = set(re.findall(r"\.venv/bin/dataminer (\w+)", README))
    known = server.dataminer("--help")

    assert len(commands) > 5
    assert [command for command in commands if f"\n  {command} " not in known] == []


@pytest.mark.parametrize("name", ["thin_out.py", "random_numbers.R"])
def test_the_scripts_of_the_docs_are_methods(server: Server, tmp_path: Path, name: str) -> None:
    if name.endswith(".R") and not shutil.which("Rscript"):
        pytest.skip("R is not installed")
    (tmp_path / name).write_text(files(METHODS)[name])
    given = {"thin_out.py": [f"table=@{ROOT / 'algorithms/DBSCAN/example/quakes.csv'}"]}

    assert "published: " in server.dataminer("import", tmp_path / name)
    shown = server.dataminer("run", Path(name).stem, *given.get(name, []))

    assert "succeeded" in shown


def test_the_folder_of_the_docs_is_a_method(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "first_lines"
    (folder / "example").mkdir(parents=True)
    (folder / "method.toml").write_text(files(METHODS)["first_lines/method.toml"])
    (folder / "first_lines.sh").write_text(
        'text=$(sed \'s/.*"text": *"\\([^"]*\\)".*/\\1/\' "$DATAMINER_INPUTS")\n'
        'head -n 2 "$text" > head.txt\n'
    )
    (folder / "example" / "poem.txt").write_text("one\ntwo\nthree\n")

    assert "example: succeeded" in server.dataminer("import", folder)


@pytest.mark.parametrize(
    "command",
    ["serve", "worker", "import", "methods", "estimate", "run", "computations", "show", "resubmit",
     "nodes", "dismiss", "put", "get", "ls", "rm", "tenant add", "user add", "token add"],
)  # fmt: skip
def test_the_help_of_each_command_shows_an_example(server: Server, command: str) -> None:
    assert "Example:" in server.dataminer(*command.split(), "--help")
