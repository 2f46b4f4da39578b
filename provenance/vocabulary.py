"""Every name that our PROV documents use beside PROV's own."""

from __future__ import annotations

from typing import Final

from prov.identifier import Namespace

#: Where our words live; the same on every server.
DATAMINER: Final = Namespace("dataminer", "urn:dataminer:")

# What an entity or activity is.
COMPUTATION_TYPE: Final = DATAMINER["Computation"]
LITERAL_TYPE: Final = DATAMINER["Literal"]
BOX_TYPE: Final = DATAMINER["BoundingBox"]
FILE_TYPE: Final = DATAMINER["File"]
LOG_TYPE: Final = DATAMINER["Log"]
ENVIRONMENT_TYPE: Final = DATAMINER["Environment"]

# Of a computation.
COMPUTATION: Final = DATAMINER["computation"]  #: its id
STATUS: Final = DATAMINER["status"]
MESSAGE: Final = DATAMINER["message"]
PERCENT: Final = DATAMINER["percent"]
EXIT_CODE: Final = DATAMINER["exitCode"]
TARGET: Final = DATAMINER["target"]
ATTEMPT: Final = DATAMINER["attempt"]
ACCEPTED_AT: Final = DATAMINER["acceptedAt"]
DISMISSED_BY: Final = DATAMINER["dismissedBy"]
NODE: Final = DATAMINER["node"]
ENGINE: Final = DATAMINER["engine"]  #: version
PLATFORM: Final = DATAMINER["platform"]
INTERPRETER: Final = DATAMINER["interpreter"]

# What a computation used.
WALL_SECONDS: Final = DATAMINER["wallSeconds"]
CPU_SECONDS: Final = DATAMINER["cpuSeconds"]
PEAK_MEMORY_BYTES: Final = DATAMINER["peakMemoryBytes"]
READ_BYTES: Final = DATAMINER["readBytes"]
WRITTEN_BYTES: Final = DATAMINER["writtenBytes"]

# Of a computation that repeats another.
REPEATS: Final = DATAMINER["repeats"]  #: id of the original
VERDICT: Final = DATAMINER["verdict"]
DIFFERING: Final = DATAMINER["differingOutputs"]  #: JSON array of identifiers
REASONS: Final = DATAMINER["reasons"]  #: JSON array of sentences

# Of the method version, the environment and the agents.
METHOD: Final = DATAMINER["method"]
VERSION: Final = DATAMINER["version"]
TITLE: Final = DATAMINER["title"]
AUTHOR: Final = DATAMINER["author"]
LICENCE: Final = DATAMINER["licence"]
RUNTIME: Final = DATAMINER["runtime"]
DETERMINISTIC: Final = DATAMINER["deterministic"]
PACKAGE: Final = DATAMINER["package"]  #: digest
LOCK: Final = DATAMINER["environmentLock"]  #: digest
ENVIRONMENT: Final = DATAMINER["environment"]  #: digest
USER: Final = DATAMINER["user"]
TENANT: Final = DATAMINER["tenant"]

# Of an input or output.
POSITION: Final = DATAMINER["position"]  #: from 1; on the usage or generation
UNIT: Final = DATAMINER["unit"]
LOWER: Final = DATAMINER["lowerCorner"]  #: coordinates with a space between
UPPER: Final = DATAMINER["upperCorner"]
CRS: Final = DATAMINER["crs"]
SHA256: Final = DATAMINER["sha256"]
SIZE_BYTES: Final = DATAMINER["sizeBytes"]
MEDIA_TYPE: Final = DATAMINER["mediaType"]
NAME: Final = DATAMINER["fileName"]
ENCODING: Final = DATAMINER["encoding"]
SCHEMA: Final = DATAMINER["schema"]
SOURCE: Final = DATAMINER["source"]
DELETED_AT: Final = DATAMINER["deletedAt"]

# How a table is written.
DELIMITER: Final = DATAMINER["delimiter"]
DECIMAL: Final = DATAMINER["decimalMark"]
CHARSET: Final = DATAMINER["characterEncoding"]
BYTE_ORDER_MARK: Final = DATAMINER["byteOrderMark"]
COLUMNS: Final = DATAMINER["columns"]  #: JSON array of names
