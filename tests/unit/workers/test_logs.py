from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workers.logs import BoundedFile, Log
from workers.progress import Progress, parse


class Watcher:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.progress: list[tuple[int, str]] = []

    def progressed(self, percent: int, message: str) -> None:
        self.progress.append((percent, message))

    def logged(self, line: str) -> None:
        self.lines.append(line)

    def must_stop(self) -> bool:
        return False


def logged(tmp_path, *chunks: bytes) -> Watcher:
    watcher = Watcher()
    log = Log(tmp_path / "log", watcher)
    for chunk in chunks:
        log.feed(chunk)
    log.end()
    log.content().close()
    return watcher


def test_lines_are_told_however_the_bytes_arrive(tmp_path):
    data = "eins\r\nzwei\nü\u20ac\ndrei".encode()

    whole = logged(tmp_path, data)
    bytewise = logged(tmp_path, *(bytes([byte]) for byte in data))

    assert whole.lines == bytewise.lines == ["eins", "zwei", "ü€", "drei"]


def test_overwritten_states_of_a_bar_are_progress_and_no_lines(tmp_path):
    watcher = logged(tmp_path, b"\ra: 10%|#", b"\ra: 20%|##", b"\rplain\r", b"\n")

    assert watcher.lines == ["", "plain"]
    assert watcher.progress[0] == (10, "a")
    assert watcher.progress[-1] == (20, "a")


def test_an_empty_line_is_a_line(tmp_path):
    assert logged(tmp_path, b"a\n\nb\n").lines == ["a", "", "b"]


def test_the_last_lines_are_short_enough_for_a_message(tmp_path):
    log = Log(tmp_path / "log", Watcher())

    for n in range(100):
        log.feed(f"{n} {'x' * 100_000}\n\n".encode())

    log.content().close()
    assert len(log.last_lines) < 6_000
    assert [line.split()[0] for line in log.last_lines.splitlines()] == [
        str(n) for n in range(90, 100)
    ]


@given(st.lists(st.binary(max_size=40), max_size=30))
def test_a_bounded_file_keeps_head_and_tail(tmp_path_factory, chunks):
    path = tmp_path_factory.mktemp("bounded") / "log"
    file = BoundedFile(path, 16, 24)

    for chunk in chunks:
        file.write(chunk)
    with file.content() as content:
        kept = content.read()

    data = b"".join(chunks)
    if len(data) <= 40:
        assert kept == data
    else:
        note = f"\n[… {len(data) - 40} bytes left out …]\n".encode()
        assert kept == data[:16] + note + data[-24:]


def test_progress_is_parsed():
    assert parse("#progress 40 clustering") == (40, "clustering")
    assert parse("  #progress 40.7% ") == (40, "")
    assert parse("#progress 999") == (100, "")
    assert parse("Epoch 1/3:  40%|####      | 4/10 [00:01<00:02]") == (40, "Epoch 1/3")
    assert parse(" 40%|####") == (40, "")
    assert parse("#progress soon") is None
    assert parse("40% done") is None


def test_progress_is_told_not_too_often_and_the_last_word_is_kept():
    told: list[tuple[int, str]] = []
    progress = Progress(lambda percent, message: told.append((percent, message)))

    for percent in range(100):
        progress.read(f"#progress {percent}")
    progress.flush()

    assert told[0] == (0, "")
    assert told[-1] == (99, "")
    assert len(told) < 20


def test_progress_that_is_held_back_is_due_soon():
    progress = Progress(lambda _percent, _message: None)
    assert progress.due_seconds() == float("inf")

    progress.read("#progress 1")
    assert progress.due_seconds() == float("inf"), "it was told"
    progress.read("#progress 2")

    assert 0 <= progress.due_seconds() <= 0.1
