"""Every error that the engine raises on purpose, in one tree."""

from __future__ import annotations

from dataclasses import dataclass


class DataMinerError(Exception):
    """The engine could not do what was asked.

    DataMinerError
    ├── NotFound              UnknownMethod UnknownComputation UnknownItem UnknownCaller
    ├── InvalidInput          MissingInput UnknownInput TooManyOccurrences InvalidValue
    │                         UnsupportedFormat InputTooLarge ReferenceFailed
    ├── UnknownOutput
    ├── InvalidDocument
    ├── AccessDenied          NotAuthenticated
    ├── Conflict
    ├── ServerBusy            WaitExceeded
    ├── RuntimeUnavailable    EnvironmentUnavailable
    ├── CannotRepeat
    ├── ScriptRejected
    ├── ComputationFailed     ScriptFailed LimitExceeded OutputMissing NodeDied
    └── InvalidSettings

    The class's docstring is the message when none is given.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").split("\n")[0])


class NotFound(DataMinerError):
    """There is no such thing here."""


class UnknownMethod(NotFound):
    """There is no method of this name; ask for the list of methods."""


class UnknownComputation(NotFound):
    """There is no such computation, or it belongs to somebody else."""


class UnknownItem(NotFound):
    """There is no such item in the workspace."""


class UnknownCaller(NotFound):
    """There is no such tenant or user."""


class InvalidInput(DataMinerError):
    """An input is not what the method expects."""

    def __init__(self, identifier: str, message: str = "") -> None:
        text = message or (type(self).__doc__ or "").split("\n")[0]
        super().__init__(f"Input '{identifier}': {text}")
        self.identifier = identifier


class MissingInput(InvalidInput):
    """is required and was not given."""


class UnknownInput(InvalidInput):
    """is not an input of this method."""


class TooManyOccurrences(InvalidInput):
    """was given more often than the method allows."""


class InvalidValue(InvalidInput):
    """has a value of the wrong type or outside what is allowed."""


class UnsupportedFormat(InvalidInput):
    """has a media type, encoding or schema that the method does not take."""


class InputTooLarge(InvalidInput):
    """is larger than this server accepts."""


class ReferenceFailed(InvalidInput):
    """points at something that could not be fetched."""


class UnknownOutput(DataMinerError):
    """The method has no output of this name."""

    def __init__(self, identifier: str, message: str = "") -> None:
        super().__init__(f"Output '{identifier}': {message or 'is not an output of this method.'}")
        self.identifier = identifier


class InvalidDocument(DataMinerError):
    """The document cannot be read as what it should be."""


class AccessDenied(DataMinerError):
    """You may not do this."""


class NotAuthenticated(AccessDenied):
    """Say who you are: send a token as 'Authorization: Bearer' or as the password of HTTP Basic."""


class Conflict(DataMinerError):
    """This contradicts what is already there."""


class ServerBusy(DataMinerError):
    """The server has no place for this now; try again later, or ask asynchronously."""


class WaitExceeded(ServerBusy):
    """It took longer than a synchronous request may wait and was dismissed; ask asynchronously."""


class RuntimeUnavailable(DataMinerError):
    """No node of this server can run the method."""


class EnvironmentUnavailable(RuntimeUnavailable):
    """The method's libraries could not be installed on this node."""


class CannotRepeat(DataMinerError):
    """The computation cannot be repeated."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__("cannot be repeated: " + "; ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptFault:
    """One thing that is wrong with a script or its manifest."""

    message: str  #: what is wrong and what to do
    file: str = ""  #: relative to the package; empty: the package as a whole
    line: int | None = None  #: from 1; None: no single line

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.message}" if place else self.message


class ScriptRejected(DataMinerError):
    """The script cannot become a method."""

    def __init__(self, faults: tuple[ScriptFault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class ComputationFailed(DataMinerError):
    """The computation ended without its outputs."""


class ScriptFailed(ComputationFailed):
    """The script ended with an error."""


class LimitExceeded(ComputationFailed):
    """The script used more than it may and was ended."""


class OutputMissing(ComputationFailed):
    """The script ended without writing an output that it declares."""


class NodeDied(ComputationFailed):
    """The node that ran the computation died."""


class InvalidSettings(DataMinerError):
    """The settings contradict one another or cannot be read."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults
