"""Hostile scripts: whatever they try at the system's interface is refused and changes nothing."""

from __future__ import annotations

import os

import pytest

from tests.integration.sandboxes import HOSTS, Host, Victims, box, victims
from workers.sandbox import Level

_PRELUDE = """
import ctypes, errno, os, platform, signal, socket, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
arm = platform.machine() == "aarch64"
def check(answer):
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer
def call(x86, generic, *arguments):
    number = generic if arm else x86
    return check(libc.syscall(number, *[ctypes.c_long(a) if isinstance(a, int) else a
                                        for a in arguments]))
def meet(kind, address, way=socket.SOCK_STREAM):
    with socket.socket(kind, way) as one:
        one.connect(address)
FOLDER, VICTIM, ABSTRACT, PORT = {folder!r}, {victim}, {abstract!r}, {port}
SECRET = FOLDER + "/secret"
REFUSALS = {{errno.EPERM, errno.EACCES, errno.ENOSYS, errno.ENOENT, errno.ESRCH, errno.EROFS,
            errno.EXDEV, errno.ECONNREFUSED, errno.ENOTSUP}}
try:
{attack}
except OSError as fault:
    print("REFUSED" if fault.errno in REFUSALS else "BROKEN", fault)
except ValueError as fault:  # the module resource makes it of EPERM
    print("REFUSED", fault)
else:
    print("DONE")
"""

#: Attacks that do no harm even where they succeed: that they do succeed there is tested too.
_PROVEN = {
    "reads /etc/shadow": 'open("/etc/shadow").read()',
    "reads another tenant's file": "open(SECRET).read()",
    "lists another tenant's folder": "os.listdir(FOLDER)",
    "lists the root folder": 'os.listdir("/root")',
    "reads the environment of the server": 'open(f"/proc/{VICTIM}/environ").read()',
    "reads the command line of the server": 'open(f"/proc/{VICTIM}/cmdline").read()',
    "lists the descriptors of the server": 'os.listdir(f"/proc/{VICTIM}/fd")',
    "reads the environment of its parent": 'open(f"/proc/{os.getppid()}/environ").read()'
    ' if os.getppid() else open("/proc/nothing")',
    "reads a file by a symbolic link": 'os.symlink(SECRET, "link"); open("link").read()',
    "reads a file through /proc/self/root": 'open("/proc/self/root" + SECRET).read()',
    "reads a file from a folder that it entered": 'os.chdir(FOLDER); open("secret").read()',
    "makes a hard link to another's file": 'os.link(SECRET, "mine"); open("mine").read()',
    "changes another's file": 'open(SECRET, "a").write("!")',
    "empties another's file": "os.truncate(SECRET, 0)",
    "empties it while it opens it": "os.open(SECRET, os.O_RDONLY | os.O_TRUNC)",
    "writes through a symbolic link": 'os.symlink(SECRET, "link"); open("link", "w").write("!")',
    "makes a file beside another's": 'open(FOLDER + "/new", "w")',
    "removes another's file": "os.unlink(SECRET)",
    "removes another's folder": 'os.rmdir(FOLDER + "/inner")',
    "moves another's file": 'os.rename(SECRET, FOLDER + "/moved")',
    "makes a folder in another's": 'os.mkdir(FOLDER + "/new")',
    "makes a link in another's folder": 'os.symlink("/", FOLDER + "/new")',
    "makes a FIFO in another's folder": 'os.mkfifo(FOLDER + "/new")',
    "makes a file in /tmp": 'os.open("/tmp", os.O_TMPFILE | os.O_RDWR)'
    ' if os.path.isdir("/tmp") else open("/tmp/x", "w")',
    "connects to a socket by its path": 'meet(socket.AF_UNIX, FOLDER + "/stream")',
    "sends to a socket by its path": 'meet(socket.AF_UNIX, FOLDER + "/datagram",'
    " socket.SOCK_DGRAM)",
    "turns a socket pair to a path": "one, _ = socket.socketpair(socket.AF_UNIX,"
    ' socket.SOCK_DGRAM); one.sendto(b"!", FOLDER + "/datagram")',
    "connects to an abstract socket": 'meet(socket.AF_UNIX, "\\0" + ABSTRACT)',
    "connects to a port of this host": 'meet(socket.AF_INET, ("127.0.0.1", PORT))',
    "listens on a port": 'one = socket.socket(); one.bind(("127.0.0.1", 0)); one.listen()',
    "opens a datagram socket": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "opens a socket of IPv6": "socket.socket(socket.AF_INET6)",
    "opens a netlink socket": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "kills the server": "os.kill(VICTIM, 9)",
    "stops the server": "os.kill(VICTIM, signal.SIGSTOP)",
    "asks whether the server lives": "os.kill(VICTIM, 0)",
    "sends to the server by its descriptor": "signal.pidfd_send_signal(os.pidfd_open(VICTIM), 15)",
    "takes the server's limits": "import resource;"
    " resource.prlimit(VICTIM, resource.RLIMIT_NOFILE, (9, 9))",
    "makes the server yield to all": "os.setpriority(os.PRIO_PROCESS, VICTIM, 19)",
    "makes the server idle": "os.sched_setscheduler(VICTIM, os.SCHED_IDLE, os.sched_param(0))",
    "binds the server to one core": "os.sched_setaffinity(VICTIM, {0})",
    "gives another's file away": "os.chown(SECRET, os.getuid() + 1, -1)",
    "enters new namespaces": "check(libc.unshare(0x10020000))",
    "enters a new network": "check(libc.unshare(0x50000000))",
    "forks into new namespaces": "call(56, 220, 0x10000011, 0, 0, 0, 0) or os._exit(0)",
    "uses the keyring": 'call(248, 217, b"user", b"name", b"secret", 6, -3)',
    "asks for io_uring": "call(425, 425, 2, ctypes.create_string_buffer(200))",
    "names a file by its handle": "buffer = ctypes.create_string_buffer(struct.pack('=I', 128),"
    " 200); call(303, 264, -100, b'.', buffer, ctypes.byref(ctypes.c_int()), 0)",
    "traces itself": "call(101, 117, 0, 0, 0, 0)",
    "changes its personality": "check(libc.personality(0x0040000))",
}

#: Never let loose without a sandbox.
_DANGEROUS = {
    "opens the memory of the server": 'open(f"/proc/{VICTIM}/mem", "rb+")',
    "traces the server": "call(101, 117, 16, VICTIM, 0, 0)",
    "reads the server's memory": "one = struct.pack('=QQ', 4096, 8);"
    " call(310, 270, VICTIM, one, 1, one, 1, 0)",
    "writes into the server's memory": "one = struct.pack('=QQ', 4096, 8);"
    " call(311, 271, VICTIM, one, 1, one, 1, 0)",
    "takes a descriptor of the server": "call(438, 438, os.pidfd_open(VICTIM), 0, 0)",
    "kills the server's group": "os.killpg(os.getpgid(VICTIM), 9)",
    "mounts": 'check(libc.mount(b"none", b"/usr", b"tmpfs", 0, None))',
    "mounts in the new way": 'call(430, 430, b"tmpfs", 0)',
    "unmounts": 'check(libc.umount2(b"/usr", 2))',
    "changes its root": 'os.chroot(".")',
    "turns to another root": 'call(155, 41, b".", b".")',
    "enters the server's namespaces": "call(308, 268, os.pidfd_open(VICTIM), 0x20000)",
    "loads a BPF program": "call(321, 280, 5, ctypes.create_string_buffer(128), 128)",
    "loads a kernel module": 'call(175, 105, b"", 0, b"")',
    "loads another kernel": "call(246, 104, 0, 0, 0, 0)",
    "opens performance counters": "call(298, 241, ctypes.create_string_buffer(128), 0, -1, -1, 0)",
    "handles page faults": "call(323, 282, 1)",
    "sets the clock": "import time; time.clock_settime(time.CLOCK_REALTIME, time.time())",
    "sets the time of day": "call(164, 170, struct.pack('=QQ', 1, 1), None)",
    "sets the host's name": 'socket.sethostname("mine")',
    "reboots": "call(169, 142, 1, 1, 0, 0)",
    "takes the swap away": 'call(168, 225, b"/nothing")',
    "keeps account of processes": 'check(libc.acct(b"account"))',
    "makes a block device": 'os.mknod("disk", 0o60600, os.makedev(254, 0))',
    "makes a character device": 'os.mknod("memory", 0o20600, os.makedev(1, 1))',
    "opens the kernel's memory": 'open("/dev/mem")',
    "opens the disk": 'os.open("/dev/vda", 0)',
    "opens a terminal": 'open("/dev/ptmx", "r+b", buffering=0)',
    "types into a terminal": "import fcntl; fcntl.ioctl(0, 0x5412, b'x')",
    "reads the kernel's log": "call(103, 116, 3, ctypes.create_string_buffer(99), 99)",
    "opens a file by its handle": "call(304, 265, -100, ctypes.create_string_buffer(200), 0)",
    "joins other groups": "os.setgroups([0, 4])",
    "raises its open files": "import resource;"
    " resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 20, 1 << 20))",
    "writes into the system": 'open("/usr/bin/mine", "w")',
    "writes to its own memory settings": 'open("/proc/self/oom_score_adj", "w").write("-1000")',
    "tells the kernel by sysrq": 'open("/proc/sysrq-trigger", "w").write("h")',
    "changes the kernel's settings": 'open("/proc/sys/kernel/core_pattern", "w").write("core")',
    "watches another's folder": "call(254, 27, libc.inotify_init(), FOLDER.encode(), 0x100)",
    "watches all files": "call(300, 262, 0x200, 0)",
    "opens a socket of another machine's host": "socket.socket(40, socket.SOCK_STREAM)",
    "opens a raw socket": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "opens a cipher socket": "socket.socket(38, socket.SOCK_SEQPACKET)",
    "connects to the outside": 'meet(socket.AF_INET, ("192.0.2.1", 80))',
}

#: Seem to succeed, as copying a file ends with them, but must reach nothing.
_IDLE = {
    "closes another's file": "os.chmod(SECRET, 0)",
    "opens up another's folder": "os.chmod(FOLDER, 0o777)",
    "forges another's times": "os.utime(SECRET, (1, 1))",
}

_REFUSED = {**_PROVEN, **_DANGEROUS}


def _source(attack: str, found: Victims) -> str:
    return _PRELUDE.format(
        folder=str(found.folder), victim=found.process.pid, attack="    " + attack,
        **found.addresses,
    )  # fmt: skip


@pytest.mark.parametrize("host", HOSTS, ids=str)
@pytest.mark.parametrize("name", [*_REFUSED, *_IDLE])
def test_a_hostile_script_is_contained(host: Host, name: str) -> None:
    if why := host.why_not():
        pytest.skip(f"this host does not give {host}: {why}")
    attack = _REFUSED.get(name) or _IDLE[name]

    with box(host) as run, victims(host) as found:
        ended = run.python(_source(attack, found))

        assert ended.said.startswith("REFUSED" if name in _REFUSED else ("DONE", "REFUSED"))
        assert found.are_untouched()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may do all of it")
@pytest.mark.parametrize("name", [*_PROVEN, *_IDLE])
def test_the_same_script_does_it_without_a_sandbox(name: str) -> None:
    host = Host("root", Level.OFF)

    with box(host) as run, victims(host) as found:
        ended = run.python(_source(_PROVEN.get(name) or _IDLE[name], found), level=Level.OFF)

    assert ended.said.startswith("DONE")
