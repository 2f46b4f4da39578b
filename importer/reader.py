"""Understands a script or a folder: from what is there to a package that could be published."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from dataminer.domain.methods import Manifest, Passing, Runtime
from dataminer.ports import Draft
from importer import checks
from importer.completion import complete
from importer.files import METHOD_FILE, Found, add_resource, collect, read_text, single
from importer.findings import Findings, Place
from importer.languages import runtime_of_name
from importer.lock_file import find_lock
from importer.manifest_file import sketch_manifest
from importer.merging import merge, name_returned
from importer.script_code import Code, note_missing_libraries, passing_of, read_code
from importer.sketches import MethodSketch


class Reader:
    """Reads scripts, and folders with a `method.toml`. Executes nothing of what it reads."""

    def read(self, path: Path) -> Draft:
        """A script's, or a folder's, package.

        Raises:
            ScriptRejected: with everything that is missing or contradictory.
        """
        findings = Findings()
        path = Path(os.path.realpath(path))
        if path.name == METHOD_FILE or _is_entry_of_folder(path):
            path = path.parent
        if path.is_dir():
            return _read_folder(path, findings)
        if not path.is_file():
            findings.fault("there is no such file or folder", Place(file=path.name))
            raise findings.rejection()
        return _read_script(path, findings)


def _read_script(path: Path, findings: Findings) -> Draft:
    found = single(path, findings)
    code = read_code(path.name, path, MethodSketch(), findings)
    checks.check_unique(code.sketch, findings)
    undeclared = MethodSketch(origin=code.sketch.origin)
    return _draft(found, undeclared, code, path.stem, findings)


def _read_folder(path: Path, findings: Findings) -> Draft:
    if not (path / METHOD_FILE).is_file():
        findings.fault(f"the folder has no {METHOD_FILE}; give a script or write one")
        raise findings.rejection()
    found = collect(path, findings)
    if METHOD_FILE not in found.files:  # found faulty
        raise findings.rejection()
    text = read_text(found.files[METHOD_FILE], METHOD_FILE, findings)
    declared = sketch_manifest(text or "", METHOD_FILE, findings)
    if declared is None:
        raise findings.rejection()
    checks.check_unique(declared, findings)
    entry = _entry(declared, found, findings)
    code = Code(file="")
    if entry is not None:
        code = read_code(entry, found.files[entry], declared, findings)
        checks.check_unique(code.sketch, findings)
    return _draft(found, declared, code, path.name, findings)


def _entry(declared: MethodSketch, found: Found, findings: Findings) -> str | None:
    """The script that the manifest names, or the only one there is."""
    place = declared.origin.at("entry")
    if declared.entry is not None:
        entry = declared.entry.partition(":")[0]
        if entry in found.files:
            return entry
        findings.fault(f"the entry '{entry}' is not in the package", place)
        return None
    scripts = [name for name in found.files if "/" not in name and runtime_of_name(name)]
    if len(scripts) == 1:
        return scripts[0]
    there = ", ".join(scripts) or "none"
    findings.fault(f"say which script is run, as entry; there are: {there}", place)
    return None


def _draft(
    found: Found, declared: MethodSketch, code: Code, name: str, findings: Findings
) -> Draft:
    """The package, once nothing is wrong with it."""
    sketch = merge(declared, code.sketch, findings, takes_anything=code.takes_anything)
    sketch = name_returned(sketch, findings)
    if sketch.identifier is None:
        findings.note(f"the method is called '{name}', as the file or folder is")
        sketch = replace(sketch, identifier=name)
    passing = passing_of(declared, code)
    entry = code.sketch.entry if passing is Passing.FUNCTION else None
    runtime = code.runtime or Runtime.PYTHON  # for what follows; that it is unknown is a fault
    manifest = complete(sketch, runtime, entry or code.file, passing, findings)
    _add_resources(sketch, found, findings)
    if code.is_understood:
        checks.check_entry(declared, manifest, findings)
        _check(sketch, manifest, code, findings)
    if code.runtime is not None:
        checks.check_passing(sketch, manifest, findings)
    checks.check_example(sketch, manifest, found.files, findings)
    checks.check_texts(manifest, findings)
    note_missing_libraries(code, manifest.dependencies, found.files, findings)
    lock = find_lock(found, manifest, findings)
    findings.raise_faults()
    return Draft(manifest=manifest, files=found.sorted(), lock=lock, notes=findings.notes)


def _add_resources(sketch: MethodSketch, found: Found, findings: Findings) -> None:
    for resource, origin in sketch.resources:
        add_resource(found, resource, origin.at(), findings)
    if sketch.resources:
        names = ", ".join(f"'../package/{name}'" for name, _ in sketch.resources)
        findings.note(f"when it runs, the script finds its resources at {names}")


def _check(sketch: MethodSketch, manifest: Manifest, code: Code, findings: Findings) -> None:
    """What can only be told of a script that was understood."""
    checks.check_outputs(sketch, manifest, findings)
    checks.note_titles(manifest, findings)
    if manifest.passing is Passing.VARIABLES:
        checks.note_unassigned(sketch, code.text, findings)


def _is_entry_of_folder(path: Path) -> bool:
    """Whether a manifest beside the script names it as its entry."""
    beside = path.parent / METHOD_FILE
    if not path.is_file() or not beside.is_file():
        return False
    text = read_text(beside, METHOD_FILE, Findings()) or ""
    declared = sketch_manifest(text, METHOD_FILE, Findings())
    entry = declared.entry if declared else None
    return (entry or "").partition(":")[0] == path.name
