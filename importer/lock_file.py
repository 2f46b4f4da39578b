"""A lock that an author puts beside the manifest."""

from __future__ import annotations

import re
from pathlib import Path

from dataminer.domain.methods import Manifest
from importer.dependencies import distribution
from importer.files import LOCK_FILE, METHOD_FILE, Found, read_text
from importer.findings import Findings, Place

_OPTION = re.compile(r"^\s*-(?!-hash\b)|://", re.MULTILINE)


def find_lock(found: Found, manifest: Manifest, findings: Findings) -> Path | None:
    """The lock of a folder with a manifest; it must pin what the manifest names, and no host."""
    path = found.root / LOCK_FILE
    if METHOD_FILE not in found.files or not path.is_file():
        return None
    if path.is_symlink():
        findings.fault("is a link; put the file itself here", Place(file=LOCK_FILE))
        return None
    text = read_text(path, LOCK_FILE, findings)
    if text is not None:
        _check(text, manifest, findings)
    return path


def _check(text: str, manifest: Manifest, findings: Findings) -> None:
    if option := _OPTION.search(text):
        line = text.count("\n", 0, option.start()) + 1
        message = "a lock names packages, versions and hashes only; no options and no addresses"
        findings.fault(message, Place(file=LOCK_FILE, line=line))
    lines = [line for line in text.replace("\\\n", " ").split("\n") if re.match(r"\w", line)]
    loose = [line for line in lines if "==" not in line or "--hash=" not in line]
    if loose:
        message = f"'{loose[0].split()[0]}' has no exact version with hashes; remove the lock"
        findings.fault(f"{message} to have a new one made", Place(file=LOCK_FILE))
    pinned = {distribution(line) for line in lines}
    for requirement in manifest.dependencies:
        if distribution(requirement) not in pinned:
            message = f"does not pin '{requirement}'; remove it to have a new one made"
            findings.fault(message, Place(file=LOCK_FILE))
