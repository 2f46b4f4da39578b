from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path_factory, monkeypatch):
    """Scripts write into the folder that they are started in."""
    monkeypatch.chdir(tmp_path_factory.mktemp("work"))
