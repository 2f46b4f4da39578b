"""Nothing accepted is lost or runs to two ends, whatever is killed."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.chaos import torment
from tests.acceptance.conftest import Server


def test_every_computation_ends_once_whatever_is_killed(fragile: Server, tmp_path: Path) -> None:
    story = torment(fragile, tmp_path, jobs=30, kills=8, seed=7)

    assert len(story.accepted) > 20
    assert sum(story.kills.values()) >= 8
    assert story.lost == []
    assert story.twice == []
    assert story.wrong == []
    assert story.folders == []
    assert story.processes == []
    assert set(story.statuses) <= {"succeeded", "failed"}
    assert all(
        "node" in reason or "launcher" in reason or "SIGKILL" in reason for reason in story.reasons
    )
