"""A method: what a script declares of itself, and the immutable package that holds it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from datetime import datetime
from enum import StrEnum


class DataType(StrEnum):
    """The types of inputs and outputs; an enumeration is a string with allowed values."""

    STRING = "string"
    INTEGER = "integer"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"  #: ISO 8601, YYYY-MM-DD
    TIME = "time"  #: ISO 8601, HH:MM:SS
    DATETIME = "datetime"  #: ISO 8601; without an offset it is UTC
    BBOX = "bbox"
    FILE = "file"
    TABLE = "table"  #: CSV with a header row

    @property
    def is_complex(self) -> bool:
        """Whether the value is a payload and not a literal or a box."""
        return self in (DataType.FILE, DataType.TABLE)

    @property
    def is_literal(self) -> bool:
        """Whether the value is a short text."""
        return not self.is_complex and self is not DataType.BBOX


class Runtime(StrEnum):
    """What runs the script."""

    PYTHON = "python"
    R = "r"
    OCTAVE = "octave"
    SHELL = "shell"
    BINARY = "binary"


class Passing(StrEnum):
    """How the script gets its inputs and gives its outputs."""

    FUNCTION = "function"  #: a Python function is called, its return value is the outputs
    VARIABLES = "variables"  #: set before the script runs, read after it
    ARGUMENTS = "arguments"  #: --name value on the command line; outputs are files or stdout
    JSON = "json"  #: the script reads $DATAMINER_INPUTS and writes $DATAMINER_OUTPUTS


class Target(StrEnum):
    """Where a method runs."""

    LOCAL = "local"  #: this server's pool
    CLOUD = "cloud"  #: a Celery worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A way of writing a payload down."""

    media_type: str
    encoding: str = ""  #: empty: none; else as WPS names it, e.g. base64
    schema: str = ""  #: address of a schema; empty: none


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A declared input."""

    identifier: str
    type: DataType
    title: str = ""
    abstract: str = ""
    min_occurs: int = 1  #: 0: optional
    max_occurs: int = 1
    default: str | None = None  #: as a literal's text; complex inputs have none
    choices: tuple[str, ...] = ()  #: empty: any value
    minimum: float | None = None  #: inclusive
    maximum: float | None = None  #: inclusive
    unit: str = ""
    formats: tuple[Format, ...] = ()  #: complex only; the first is the default
    crs: tuple[str, ...] = ()  #: bbox only; the first is the default


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A declared output."""

    identifier: str
    type: DataType
    title: str = ""
    abstract: str = ""
    unit: str = ""
    formats: tuple[Format, ...] = ()  #: complex only; the first is the default
    crs: tuple[str, ...] = ()  #: bbox only
    file: str = ""  #: what the script writes, relative to its folder; empty: it says by itself
    optional: bool = False  #: the script may leave it out


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one computation of the method may use."""

    wall_seconds: int = 3600
    cores: int = 1
    memory_mb: int | None = None  #: of all processes together; None here: what the server says
    processes: int | None = None  #: at once
    cpu_seconds: int | None = None  #: of all cores together
    folder_mb: int | None = None  #: of all that it has written at one time


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Inputs with which the author says that the script works; a value '@path' is a file."""

    inputs: tuple[tuple[str, str], ...] = ()
    outputs: tuple[tuple[str, str], ...] = ()  #: expected; may be a part of all outputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All that an author says of a method."""

    identifier: str
    title: str
    runtime: Runtime
    entry: str  #: the script, relative to the package; for a function also ':name'
    passing: Passing
    outputs: tuple[Output, ...]
    inputs: tuple[Input, ...] = ()
    abstract: str = ""
    version: str = "1"  #: a label; the digest is the name
    category: str = "OTHER"
    keywords: tuple[str, ...] = ()
    author: str = ""
    licence: str = ""
    target: Target = Target.LOCAL
    limits: Limits = field(default_factory=Limits)
    deterministic: bool = False  #: the same inputs always give the same outputs
    repeatable: bool = True  #: may be run again when its node died
    dependencies: tuple[str, ...] = ()  #: requirement specifiers of the runtime's package index
    example: Example | None = None

    def input(self, identifier: str) -> Input | None:
        """The declared input of this name, or None."""
        return next((i for i in self.inputs if i.identifier == identifier), None)

    def output(self, identifier: str) -> Output | None:
        """The declared output of this name, or None."""
        return next((o for o in self.outputs if o.identifier == identifier), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFile:
    """A file of a package; its content lies in the blob store."""

    path: str  #: relative, with forward slashes
    digest: str  #: SHA-256, 64 hexadecimal digits
    size_bytes: int
    executable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The immutable content of one method version."""

    manifest: Manifest
    files: tuple[PackageFile, ...]  #: sorted by path
    lock: str = ""  #: digest of the environment lock in the blob store; empty: no environment

    @property
    def digest(self) -> str:
        """The package's name: SHA-256 over manifest, files and lock; the same on every host."""
        content = json.dumps(_canonical(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()


def _canonical(part: object) -> object:
    """Plain JSON without what is empty or default, so that later fields change no old digest."""
    if is_dataclass(part):
        pairs = ((f, getattr(part, f.name)) for f in fields(part))
        return {f.name: _canonical(value) for f, value in pairs if value != _default(f)}
    if isinstance(part, tuple):
        return [_canonical(item) for item in part]
    return part


def _default(declared: Field[object]) -> object:
    if declared.default_factory is not MISSING:
        return declared.default_factory()
    return declared.default


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A published version of a method."""

    package: Package
    digest: str  #: the package's
    tenant: str | None  #: whose members may use it; None: everybody
    published_by: str
    published_at: datetime
    withdrawn_at: datetime | None = None

    @property
    def identifier(self) -> str:
        """The name that clients call it by."""
        return self.package.manifest.identifier

    @property
    def manifest(self) -> Manifest:
        """What its author says of it."""
        return self.package.manifest


#: How many digits of a digest are enough to name a version: `identifier@digits`.
MIN_DIGEST_DIGITS = 12


def split_reference(reference: str) -> tuple[str, str]:
    """('KMEANS', '1.2') of 'KMEANS@1.2'; the version is empty for the newest."""
    identifier, _, version = reference.partition("@")
    return identifier, version
