"""The libraries that a script needs: as requirements named in it, and as its imports."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator

from dataminer.domain.methods import Runtime
from importer.findings import Findings, Origin, Place
from importer.languages import LANGUAGES
from importer.sketches import MethodSketch

_BEGIN, _END = "# /// script", "# ///"

_VERSION = r"(?:[<>]=?|[=!~]=|===)\s*[A-Za-z0-9.*+!_-]+"
_REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*"
    r"(?:\[[A-Za-z0-9._, -]*\])?\s*"
    rf"(?:{_VERSION}(?:\s*,\s*{_VERSION})*)?\s*"
    r"(?:;[^\n\r#\\]+)?"
)

#: Distributions whose name is not that of what they let import.
_DISTRIBUTIONS = {
    "attr": "attrs",
    "Bio": "biopython",
    "bs4": "beautifulsoup4",
    "Crypto": "pycryptodome",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "fitz": "pymupdf",
    "mpl_toolkits": "matplotlib",
    "osgeo": "gdal",
    "PIL": "pillow",
    "pkg_resources": "setuptools",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "umap": "umap-learn",
    "yaml": "pyyaml",
}


def distribution(requirement: str) -> str:
    """The normalised name that a requirement begins with."""
    found = _REQUIREMENT.match(requirement.strip())
    return re.sub(r"[-_.]+", "-", found["name"]).lower() if found else ""


def problem_of(requirement: str) -> str | None:
    """What is wrong with a requirement; None: nothing."""
    if _REQUIREMENT.fullmatch(requirement.strip()):
        return None
    return (
        f"the dependency '{requirement}' must be a name with versions, as pandas>=2,<3; "
        "addresses, files and options are not taken"
    )


def check_dependencies(
    requirements: Iterable[str], runtime: Runtime, origin: Origin, findings: Findings
) -> None:
    """Every requirement is one of the package index, and the runtime has an index."""
    requirements = tuple(requirements)
    if requirements and runtime is not Runtime.PYTHON:
        findings.fault(host_libraries(runtime), origin.at("dependencies"))
        return
    for problem in filter(None, map(problem_of, requirements)):
        findings.fault(problem, origin.at("dependencies"))


def host_libraries(runtime: Runtime) -> str:
    """Why a method of this runtime can name no dependencies."""
    language = LANGUAGES[runtime].name
    return (
        f"libraries of {language} are taken from the host that runs the method; "
        "remove the dependencies and have the operator install them"
    )


def inline_metadata(text: str, file: str, findings: Findings) -> MethodSketch:
    """What a '# /// script' block says. Source: PEP 723, inline script metadata."""
    lines = text.split("\n")
    if _BEGIN not in lines:
        return MethodSketch(origin=Origin(file=file))
    begin = lines.index(_BEGIN)
    block = lines[begin + 1 :]
    origin = Origin(file=file, lines={"dependencies": begin + 1})
    place = origin.at("dependencies")
    if _END not in block:
        findings.fault(f"the block '{_BEGIN}' is not ended by '{_END}'", place)
        return MethodSketch(origin=origin)
    content = "\n".join(line[2:] for line in block[: block.index(_END)])
    try:
        named = tomllib.loads(content).get("dependencies", [])
    except (ValueError, RecursionError) as error:
        findings.fault(f"the block '{_BEGIN}' is not TOML: {error}", place)
        return MethodSketch(origin=origin)
    if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
        findings.fault("'dependencies' must be a list of texts in quotes", place)
        named = []
    return MethodSketch(origin=origin, dependencies=tuple(named) or None)


def note_imports(
    tree: ast.Module,
    requirements: Iterable[str],
    beside: Iterable[str],
    file: str,
    findings: Findings,
) -> None:
    """Note each import that neither a dependency nor a file beside the script speaks of."""
    named = {distribution(r) for r in requirements}
    known = {*sys.stdlib_module_names, *(name.partition(".")[0] for name in beside)}
    for module, line in _imports(tree):
        wanted = _DISTRIBUTIONS.get(module, module).replace("_", "-").lower()
        if module not in known and not any(name.startswith(wanted) for name in named):
            findings.note(
                f"imports '{module}', but no dependency names '{wanted}'",
                Place(file=file, line=line),
            )
            known.add(module)


def _imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Top names of imported modules, with their lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0], node.lineno
