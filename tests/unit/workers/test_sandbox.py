from __future__ import annotations

import errno
import json
import os
import struct
from pathlib import Path

import pytest

from workers import sandbox
from workers.sandbox import Level

_ARCHITECTURE = 0xC000003E


def _judge(program: bytes, call: int, *arguments: int, architecture: int = _ARCHITECTURE) -> int:
    """What the kernel's machine for filters would answer."""
    data = struct.pack("=IIQ6Q", call, architecture, 0, *arguments, *[0] * (6 - len(arguments)))
    steps = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    value = at = 0
    while True:
        code, if_true, if_false, operand = steps[at]
        at += 1
        match code:
            case 0x20:
                value = struct.unpack_from("=I", data, operand)[0]
            case 0x54:
                value &= operand
            case 0x15:
                at += if_true if value == operand else if_false
            case 0x35:
                at += if_true if value >= operand else if_false
            case 0x06:
                return operand


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch):
    def of(level: Level, landlock: int = 7) -> bytes:
        monkeypatch.setattr(sandbox, "_landlock_version", lambda: landlock)
        monkeypatch.setattr(sandbox, "_MACHINE", "x86_64")
        return sandbox._filter.__wrapped__(level)

    return of


_ALLOWED, _KILLED = 0x7FFF0000, 0x80000000
_REFUSED, _IDLE, _UNKNOWN = (0x50000 | n for n in (errno.EPERM, 0, errno.ENOSYS))


@pytest.mark.parametrize(
    ("call", "arguments", "standard", "strict"),
    [
        ("socket", (1,), _REFUSED, _ALLOWED),
        ("socket", (2,), _REFUSED, _REFUSED),
        ("socketpair", (1, 1 | 0x80000), _ALLOWED, _ALLOWED),
        ("socketpair", (1, 5), _ALLOWED, _ALLOWED),
        ("socketpair", (1, 2), _REFUSED, _REFUSED),
        ("socketpair", (30, 1), _REFUSED, _REFUSED),
        ("clone", (17,), _ALLOWED, _ALLOWED),
        ("clone", (0x10000011,), _REFUSED, _REFUSED),
        ("clone", (0x02000011,), _REFUSED, _REFUSED),
        ("clone3", (), _UNKNOWN, _UNKNOWN),
        ("ioctl", (0, 0x5401), _ALLOWED, _ALLOWED),
        ("ioctl", (0, 0x5412), _REFUSED, _REFUSED),
        ("ioctl", (0, 0x541C), _REFUSED, _REFUSED),
        ("ioctl", (0, 0x100005412), _REFUSED, _REFUSED),
        ("mknodat", (0, 0, 0o10600), _ALLOWED, _ALLOWED),
        ("mknodat", (0, 0, 0o20600), _REFUSED, _REFUSED),
        ("mknod", (0, 0o60600), _REFUSED, _REFUSED),
        ("personality", (0xFFFFFFFF,), _ALLOWED, _ALLOWED),
        ("personality", (0x40000,), _REFUSED, _REFUSED),
        ("chmod", (), _IDLE, _ALLOWED),
        ("prlimit64", (0,), _ALLOWED, _ALLOWED),
        ("prlimit64", (99,), _REFUSED, _ALLOWED),
        ("setpriority", (0, 0), _ALLOWED, _ALLOWED),
        ("setpriority", (2, 0), _REFUSED, _ALLOWED),
        ("ptrace", (), _REFUSED, _REFUSED),
    ],
)
def test_the_filter_judges_a_call(programs, call, arguments, standard, strict) -> None:
    number = sandbox._NUMBERS[call][0]

    assert _judge(programs(Level.STANDARD), number, *arguments) == standard
    assert _judge(programs(Level.STRICT), number, *arguments) == strict


def test_the_filter_refuses_foreign_ways_into_the_kernel(programs) -> None:
    program = programs(Level.STANDARD)

    assert _judge(program, 1, architecture=0x40000003) == _KILLED
    assert _judge(program, 0x40000001) == _REFUSED
    assert _judge(program, 1) == _ALLOWED


def test_the_filter_guards_readable_files_where_landlock_does_not(programs) -> None:
    emptying = (0, 0, os.O_TRUNC)

    assert _judge(programs(Level.STANDARD, landlock=2), 257, *emptying) == _REFUSED
    assert _judge(programs(Level.STANDARD, landlock=3), 257, *emptying) == _ALLOWED
    writing = (0, 0, os.O_TRUNC | os.O_WRONLY)
    assert _judge(programs(Level.STANDARD, landlock=2), 257, *writing) == _ALLOWED


def test_a_machine_that_is_not_known_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_MACHINE", "riscv64")

    with pytest.raises(OSError, match="riscv64"):
        sandbox._filter.__wrapped__(Level.STANDARD)


def test_every_judged_call_has_a_number() -> None:
    for level in (Level.STANDARD, Level.STRICT):
        answers, conditional = sandbox._judgements(level, before_truncate=True)

        assert {*answers, *conditional} <= set(sandbox._NUMBERS)


@pytest.mark.parametrize("level", Level)
def test_a_specification_is_plain_json(level: Level, tmp_path: Path) -> None:
    spec = sandbox.specification(level=level, writable=[str(tmp_path)], processes=9)

    assert json.loads(json.dumps(spec)) == spec


def test_a_specification_grants_no_secrets(tmp_path: Path) -> None:
    spec = sandbox.specification(level=Level.STANDARD, writable=[str(tmp_path)])

    granted = {path for path, _ in spec["paths"]}
    assert not granted & {"/", "/etc", "/etc/shadow", "/root", "/home", "/proc", "/tmp", "/var"}


def test_a_path_through_links_is_granted_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "real" / "inner").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real")

    spec = sandbox.specification(
        level=Level.STRICT, writable=[], readable=[str(tmp_path / "link" / "inner")]
    )

    assert [str(tmp_path / "real" / "inner"), "read"] in spec["paths"]
    assert spec["links"][str(tmp_path / "link")] == "real"


def test_a_writable_folder_stays_writable_in_a_readable_one(tmp_path: Path) -> None:
    (tmp_path / "work" / "deep").mkdir(parents=True)
    work = str(tmp_path / "work")

    spec = sandbox.specification(
        level=Level.STANDARD, writable=[work], readable=[str(tmp_path), f"{work}/deep"]
    )

    mine = [entry for entry in spec["paths"] if entry[0].startswith(str(tmp_path))]
    assert mine == [[str(tmp_path), "read"], [work, "write"]]


def test_a_path_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing"):
        sandbox.specification(level=Level.STANDARD, writable=[str(tmp_path / "nothing")])


def test_a_script_that_was_not_isolated_is_refused_in_strict(tmp_path: Path) -> None:
    spec = sandbox.specification(level=Level.STRICT, writable=[str(tmp_path)], user=70_001)

    with pytest.raises(OSError, match="has not isolated"):
        sandbox.apply(spec)


def test_the_level_found_is_one_that_nothing_speaks_against() -> None:
    assert sandbox.why_not(sandbox.level()) == ""
    assert sandbox.why_not(Level.OFF) == ""


def test_what_is_lacking_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox.sys, "platform", "darwin")

    assert "Linux" in sandbox.why_not.__wrapped__(Level.STANDARD)
