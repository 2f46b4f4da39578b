"""Whatever is wrong with a script is reported, all at once, each fault at its place."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from dataminer.domain.errors import ScriptRejected
from importer import files
from importer.reader import Reader

BAD = Path(__file__).parents[2] / "scripts" / "bad"
NEEDS = {"syntax.R": "Rscript", "syntax.m": "octave-cli"}


def expected_faults() -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    for line in (BAD / "faults.txt").read_text().splitlines():
        if line.startswith(" "):
            faults[next(reversed(faults))].append(line.strip())
        else:
            faults[line] = []
    return faults


def faults_of(path: Path) -> list[str]:
    with pytest.raises(ScriptRejected) as rejected:
        Reader().read(path)
    return [f"{f.file}:{f.line or ''}: {f.message}" for f in rejected.value.faults]


@pytest.mark.parametrize(("name", "expected"), expected_faults().items())
def test_each_bad_script_has_exactly_its_faults(name: str, expected: list[str]) -> None:
    program = NEEDS.get(name)
    if program and not shutil.which(program):
        pytest.skip(f"{program} is not installed")

    faults = faults_of(BAD / name)

    assert len(faults) == len(expected), faults
    for fault, beginning in zip(faults, expected, strict=True):
        assert fault.startswith(beginning)


def test_every_bad_script_is_named_in_the_list_of_faults() -> None:
    there = {path.name for path in BAD.iterdir()} - {"faults.txt"}

    assert there == set(expected_faults())


def test_no_fault_names_a_path_of_the_host() -> None:
    for name in expected_faults():
        if NEEDS.get(name) is None:
            assert not any(str(BAD.parent) in fault for fault in faults_of(BAD / name))


def test_a_path_that_does_not_exist_is_a_fault(tmp_path: Path) -> None:
    assert faults_of(tmp_path / "nothing.py") == ["nothing.py:: there is no such file or folder"]


def a_folder(path: Path) -> Path:
    (path / "method.toml").write_text('title = "A method"\nentry = "script.py"\n')
    (path / "script.py").write_text("def main() -> int:\n    return 1\n")
    return path


def test_a_link_out_of_the_package_is_refused(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    (folder / "secret.txt").symlink_to("/etc/hostname")
    (folder / "etc").symlink_to("/etc")

    faults = faults_of(folder)

    assert faults == [
        "etc:: is a link to a folder; put the folder itself here",
        "secret.txt:: is a link that leads out of the package; put the file itself here",
    ]


def test_a_resource_behind_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to("/etc")
    script = tmp_path / "script.sh"
    script.write_text("# wps.out: a, integer;\n# wps.res: data, data/hostname;\na=1\n")

    assert len(faults_of(script)) == 2


def test_a_link_inside_the_package_is_followed(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    (folder / "again.py").symlink_to("script.py")

    assert ("again.py", folder / "again.py") in Reader().read(folder).files


def test_a_broken_link_and_a_pipe_are_faults(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    (folder / "broken").symlink_to("nowhere")
    (folder / "circle").symlink_to("circle")
    os.mkfifo(folder / "pipe")

    assert faults_of(folder) == [
        "broken:: is neither a file nor a folder",
        "circle:: is neither a file nor a folder",
        "pipe:: is neither a file nor a folder",
    ]


def test_a_package_of_too_many_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_FILES", 3)
    folder = a_folder(tmp_path)
    for number in range(9):
        (folder / f"{number}.txt").touch()

    assert any("the package is larger than" in fault for fault in faults_of(folder))


def test_a_package_of_too_many_bytes_is_refused(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    with (folder / "data.bin").open("wb") as stream:
        stream.truncate(files.MAX_PACKAGE_BYTES + 1)

    assert any("the package is larger than 100 MB" in fault for fault in faults_of(folder))


def test_a_huge_script_is_not_read(tmp_path: Path) -> None:
    script = tmp_path / "huge.py"
    script.write_text("#" * (files.MAX_SCRIPT_BYTES + 1))

    assert faults_of(script) == ["huge.py:: is larger than 2 MB: is it a script?"]


def test_a_file_name_that_cannot_be_shown_is_a_fault(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    (folder / "a\nb").touch()

    assert faults_of(folder) == ["a\\nb:: has a name with unprintable characters"]


def test_a_text_that_no_document_can_show_is_a_fault(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text('def main(a: str = "\\ud800", b: str = "\\x07") -> int:\n    return 1\n')

    faults = faults_of(script)

    assert [f.partition("'")[2] for f in faults] == [
        "\\ud800' holds a character that no document can show",
        "\\x07' holds a character that no document can show",
    ]


def test_a_script_that_is_nested_too_deeply_is_a_fault(tmp_path: Path) -> None:
    script = tmp_path / "deep.py"
    script.write_text("a = " + "-" * 200_000 + "1\n")

    assert len(faults_of(script)) == 1


def test_a_method_that_is_only_hidden_files_has_no_entry(tmp_path: Path) -> None:
    (tmp_path / "method.toml").write_text('title = "A method"\n')
    (tmp_path / ".hidden.py").write_text("def main() -> int: ...\n")

    assert faults_of(tmp_path) == [
        "method.toml:: say which script is run, as entry; there are: none"
    ]


def test_a_manifest_behind_a_link_is_refused(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    (folder / "method.toml").unlink()
    (folder / "method.toml").symlink_to(BAD / "manifest" / "method.toml")

    assert faults_of(folder) == [
        "method.toml:: is a link that leads out of the package; put the file itself here"
    ]


def test_a_path_in_a_circle_of_links_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.py").symlink_to("a.py")

    assert faults_of(tmp_path / "a.py") == ["a.py:: there is no such file or folder"]
