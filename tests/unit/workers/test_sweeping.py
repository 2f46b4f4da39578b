"""What dead nodes leave is removed."""

from __future__ import annotations

from pathlib import Path

from workers.folders import run_folder, sweep


def test_only_the_folders_of_attempts_that_are_over_are_removed(tmp_path: Path) -> None:
    over, alive, strange = tmp_path / "A_ID_1.1", tmp_path / "A_ID_1.2", tmp_path / "notes"
    for folder in (over, alive, strange):
        (folder / "work").mkdir(parents=True)
    (over / "work").chmod(0o500)

    removed = sweep(tmp_path, lambda _id, attempt: attempt == 1)

    assert removed == ["A_ID_1.1"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["A_ID_1.2", "notes"]


def test_a_late_attempt_never_removes_the_folder_of_the_next(tmp_path: Path) -> None:
    with run_folder(tmp_path, "A_ID_1", 2) as current:
        with run_folder(tmp_path, "A_ID_1", 1):
            pass

        assert current.root.exists()
