"""What honest scripts do works in the sandbox, what fills the machine is bounded."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import processes
from tests.integration.sandboxes import HOSTS, SLOT, Box, Host, box, end, victims
from workers.sandbox import Level


@pytest.fixture(params=HOSTS, ids=str)
def run(request: pytest.FixtureRequest) -> Iterator[Box]:
    host: Host = request.param
    if why := host.why_not():
        pytest.skip(f"this host does not give {host}: {why}")
    with box(host) as found:
        yield found


_HONEST = {
    "its own folder": """
import os, shutil, tempfile
assert open("../inputs/given").read() == "42"
with tempfile.NamedTemporaryFile("w") as file: file.write("x")
os.makedirs("a/b"); open("a/b/c", "w").write("x"); os.rename("a/b/c", "a/d")
shutil.copy2("a/d", "e"); shutil.copytree("a", "f"); shutil.rmtree("a")
os.link("e", "g"); os.symlink("g", "h"); os.mkfifo("i"); assert open("h").read() == "x"
open("/dev/null", "w").write("x"); assert len(open("/dev/urandom", "rb").read(8)) == 8
print(os.getcwd())
""",
    "a pool of processes": """
import multiprocessing
with multiprocessing.get_context("fork").Pool(2) as pool: print(sum(pool.map(abs, range(9))))
""",
    "shared memory": """
from multiprocessing.shared_memory import SharedMemory
one = SharedMemory(create=True, size=4096); two = SharedMemory(one.name)
one.buf[0] = 7; assert two.buf[0] == 7
two.close(); one.close(); one.unlink(); print(7)
""",
    "threads and processes": """
import asyncio, socket, subprocess, threading
one, two = socket.socketpair(); one.send(b"x"); assert two.recv(1) == b"x"
thread = threading.Thread(target=two.close); thread.start(); thread.join()
child = subprocess.Popen(["sleep", "60"]); child.terminate(); assert child.wait() == -15
async def go():
    return (await asyncio.create_subprocess_exec("true")).returncode
asyncio.run(go())
print(subprocess.run("seq 9 | sort -r | head -n1", shell=True, capture_output=True).stdout)
""",
    "what the system knows": """
import datetime, locale, os, pwd, resource, time, zoneinfo
locale.setlocale(locale.LC_ALL, "C.UTF-8"); pwd.getpwuid(0); assert os.cpu_count()
print(datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Rome")) if zoneinfo.TZPATH else 0)
time.localtime(); resource.getrusage(resource.RUSAGE_SELF); open("/proc/self/status").read()
open("/proc/meminfo").read(); open("/proc/cpuinfo").read()
""",
}


@pytest.mark.parametrize("name", _HONEST)
def test_an_honest_script_has_what_it_needs(run: Box, name: str) -> None:
    ended = run.python(_HONEST[name])

    assert ended.code == 0, ended.said


def test_bash_has_its_pipes_and_substitutions(run: Box) -> None:
    script = "set -eo pipefail; cat <(echo a) <<<b | wc -l; read x < <(echo 3); echo $x > out"

    ended = run.run(["/bin/bash", "-c", script])

    assert ended.code == 0, ended.said


@pytest.mark.skipif(not shutil.which("Rscript"), reason="R is not installed")
def test_r_draws_a_plot(run: Box) -> None:
    script = 'png("plot.png", type="cairo"); plot(1:3, main="ä"); dev.off(); Sys.timezone()'

    ended = run.run([str(shutil.which("Rscript")), "-e", script])

    assert ended.code == 0, ended.said
    assert (run.work / "plot.png").stat().st_size > 1000


@pytest.mark.skipif(not shutil.which("octave-cli"), reason="Octave is not installed")
def test_octave_computes_and_saves(run: Box) -> None:
    script = 'x = inv([1 2; 3 5]); save("-text", "x.txt", "x"); disp(det(x))'

    ended = run.run([str(shutil.which("octave-cli")), "--norc", "--eval", script])

    assert ended.code == 0, ended.said
    assert (run.work / "x.txt").exists()


def test_a_script_has_no_capabilities_nor_another_users_files(run: Box) -> None:
    ended = run.python('print(open("/proc/self/status").read())')

    facts = dict(line.split(":\t", 1) for line in ended.said.splitlines() if ":\t" in line)
    assert int(facts["CapEff"], 16) == int(facts["CapPrm"], 16) == 0
    assert facts["NoNewPrivs"] == "1"
    assert facts["Seccomp"] == "2"
    if run.host.slot:
        assert facts["Uid"].split() == [str(SLOT)] * 4


def test_a_script_sees_only_its_own_processes(run: Box) -> None:
    if run.host.level is not Level.STRICT:
        pytest.skip("needs namespaces of its own")

    ended = run.python('import os; print([p for p in os.listdir("/proc") if p.isdigit()])')

    assert ended.said.strip() == "['1', '2']"


def test_a_daemon_ends_with_the_namespaces(run: Box) -> None:
    source = """
import os, signal, time
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT): signal.signal(number, signal.SIG_IGN)
if not os.fork():
    os.setsid()
    os.closerange(0, 3)
    if not os.fork(): time.sleep(600)
    os._exit(0)
os.wait(); os._exit(3)
"""

    ended = run.python(source)

    left = processes.mentioning(str(run.work))
    end(left)
    assert ended.code == 3, ended.said
    assert len(left) == (0 if run.host.level is Level.STRICT else 1)  # the launcher looks for it


def test_processes_without_end_are_bounded(run: Box) -> None:
    if run.host.user == "container" or (run.host.user, run.host.level) == ("root", "standard"):
        pytest.skip("the kernel does not count root's processes")
    source = """
import os, signal, time
made = []
try:
    while len(made) < 4000:
        child = os.fork()
        if not child: time.sleep(100); os._exit(0)
        made.append(child)
except BlockingIOError: print("BOUNDED", len(made))
for child in made: os.kill(child, signal.SIGKILL)
"""

    ended = run.python(source, processes=40)

    assert ended.said.startswith("BOUNDED")


@pytest.mark.parametrize(
    ("source", "limits"),
    [
        ('open("big", "wb").write(bytes(1 << 22))', {"file_bytes": 1 << 20}),
        ("made = bytes(1 << 30)", {"address_bytes": 1 << 29}),
        ('made = [open("/dev/null") for _ in range(200)]', {"open_files": 100}),
    ],
    ids=["a file", "memory", "open files"],
)
def test_a_limit_holds(run: Box, source: str, limits: dict[str, int]) -> None:
    assert run.python(source).code == 0

    assert run.python(source, **limits).code != 0
    if run.host.slot is None:
        assert run.python(source, level=Level.OFF, **limits).code != 0


def test_shared_memory_is_bounded_and_gone_afterwards(run: Box) -> None:
    if run.host.level is not Level.STRICT:
        pytest.skip("/dev/shm is the host's")
    mark = run.root.name
    source = f'open("/dev/shm/{mark}", "wb").write(bytes(1 << 22))'
    assert run.python(source).code == 0

    ended = run.python(source, shared_memory_bytes=1 << 20)

    assert "No space left" in ended.said
    assert not Path("/dev/shm", mark).exists()


def test_an_old_kernels_rules_hold_too(run: Box) -> None:
    run.landlock = 1
    with victims(run.host) as found:
        source = f"""
import os
for attack in (lambda: open({str(found.folder / "secret")!r}),
               lambda: os.truncate({str(found.folder / "secret")!r}, 0),
               lambda: os.open("../inputs/given", os.O_RDONLY | os.O_TRUNC)):
    try: attack()
    except OSError as fault: print("REFUSED")
open("mine", "w").write("x"); print(open("../inputs/given").read())
"""

        ended = run.python(source)

        assert ended.said.split() == ["REFUSED", "REFUSED", "REFUSED", "42"]
        assert found.are_untouched()
