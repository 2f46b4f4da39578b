"""What a script may see and use: Landlock, seccomp, namespaces, a user id and limits.

Standard library only and imports nothing of ours, since keepers and scripts load it by its path,
under any interpreter. Nothing is imported later: a script's process has given up its rights then.

    the keeper         isolate(spec)   before it forks the script
    the script         apply(spec)     last of all, just before it becomes the author's code

Both raise OSError when they cannot give all that the level promises: then the script must not run.

Source: Linux man pages landlock(7), seccomp(2), pid_namespaces(7), user_namespaces(7),
pivot_root(2); Linux Documentation/userspace-api/landlock.rst, "Current limitations".
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import os
import platform
import resource
import signal
import socket
import stat
import struct
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How strictly a script is kept, weakest first."""

    OFF = "off"  #: limits only
    STANDARD = "standard"  #: Landlock and seccomp; needs no privileges
    STRICT = "strict"  #: besides, own namespaces and file tree, and as root a user id of its own


class _Kind(StrEnum):
    """What is granted on a path."""

    READ = "read"
    WRITE = "write"
    DEVICE = "device"  #: read and write, but make nothing
    SHARED = "shared"  #: make, use and remove files by a name that one knows, but not list them


# --- the specification ------------------------------------------------------------------------

#: What interpreters of all languages need. No secrets, nothing of a user.
_SYSTEM = (
    "/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin",
    "/etc/alternatives", "/etc/fonts", "/etc/group", "/etc/host.conf", "/etc/hosts",
    "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/locale.alias",
    "/etc/localtime", "/etc/magic", "/etc/mime.types", "/etc/nsswitch.conf", "/etc/octave.conf",
    "/etc/papersize", "/etc/passwd", "/etc/protocols", "/etc/R", "/etc/services",
    "/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/timezone",
    "/sys/devices/system/cpu", "/sys/devices/system/node", "/var/cache/fontconfig",
)  # fmt: skip

_SHARED_MEMORY = "/dev/shm"  # noqa: S108 # where POSIX semaphores live

_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")

#: Files of /proc that tell nothing about other processes, for who must share it.
_SYSTEM_PROC = ("/proc/cpuinfo", "/proc/filesystems", "/proc/loadavg", "/proc/meminfo",
                "/proc/stat", "/proc/uptime", "/proc/version")  # fmt: skip

_LINKS = {"/dev/fd": "/proc/self/fd", "/dev/stdin": "/proc/self/fd/0",
          "/dev/stdout": "/proc/self/fd/1", "/dev/stderr": "/proc/self/fd/2"}  # fmt: skip

#: Added where the script's user id is the server's, whose processes are counted with its own.
_PROCESSES_OF_OTHERS = 2048


def specification(
    *,
    level: Level,
    writable: Sequence[str],
    readable: Sequence[str] = (),
    user: int | None = None,
    open_files: int | None = 1024,
    file_bytes: int | None = None,
    processes: int | None = None,
    address_bytes: int | None = None,
    shared_memory_bytes: int = 1 << 28,
) -> dict[str, Any]:
    """The sandbox of one script as plain JSON, for `isolate` and `apply`.

    `writable` and `readable` are absolute paths of folders or files that exist, besides the system
    folders. A folder is granted with all in it; where both cover a path, writable wins. `user` is
    the user and group id that the script becomes, different for each script that runs; only root
    can give it, and has to in `strict`. The writable paths must belong to it and it must be able to
    read the readable ones; the folders above them do not matter in `strict`. `processes` counts
    threads too. `shared_memory_bytes` bounds /dev/shm in `strict`; 0 in `standard` closes it.

    Raises: FileNotFoundError: a path of the caller's does not exist.
    """
    for path in (*writable, *readable):
        os.lstat(path)
    strict = level is Level.STRICT
    granted = [
        *((path, _Kind.WRITE) for path in writable),
        *((path, _Kind.READ) for path in (*readable, *_SYSTEM, *(() if strict else _SYSTEM_PROC))),
        *((path, _Kind.DEVICE) for path in _DEVICES),
    ]
    if shared_memory_bytes and not strict:
        granted.append((_SHARED_MEMORY, _Kind.SHARED))
    links = dict(_LINKS)
    real = [(_resolved(path, links), kind) for path, kind in granted if os.path.exists(path)]  # noqa: PTH110 # pathlib costs more to load than all of this
    limits = {"CORE": 0, "NOFILE": open_files, "FSIZE": file_bytes, "NPROC": processes,
              "AS": address_bytes}  # fmt: skip
    return {
        "level": str(level),
        "paths": _without_covered(real),
        "links": links,
        "user": user,
        "limits": {name: value for name, value in limits.items() if value is not None},
        "shared_memory_bytes": shared_memory_bytes,
    }


def _resolved(path: str, links: dict[str, str]) -> str:
    """The path without symbolic links; those on its way are added to `links`."""
    done, waiting = "/", [part for part in path.split("/") if part]
    while waiting:
        here = os.path.normpath(os.path.join(done, waiting.pop(0)))  # noqa: PTH118
        if os.path.islink(here):  # noqa: PTH114
            links[here] = os.readlink(here)  # noqa: PTH115
            target = os.path.normpath(os.path.join(done, links[here]))  # noqa: PTH118
            done, waiting = "/", [part for part in target.split("/") if part] + waiting
        else:
            done = here
    return done


def _without_covered(granted: Iterable[tuple[str, _Kind]]) -> list[list[str]]:
    """Sorted, parents first, without those that a folder above grants already."""
    kept: dict[str, _Kind] = {}
    for path, kind in sorted(granted, key=lambda one: (one[0], one[1] is not _Kind.WRITE)):
        if not {_Kind.WRITE, kind} & {kept[above] for above in _upwards(path) if above in kept}:
            kept[path] = kind
    return [[path, str(kind)] for path, kind in kept.items()]


def _upwards(path: str) -> Iterator[str]:
    while path != "/":
        yield path
        path = path.rpartition("/")[0] or "/"
    yield path


# --- what the host can give -------------------------------------------------------------------


@functools.cache
def level() -> Level:
    """The strictest level that this host allows this user, found by trying."""
    return next(one for one in reversed(Level) if not why_not(one))


@functools.cache
def why_not(level: Level) -> str:
    """What the host lacks for this level, in words; empty when it can give it."""
    if level is Level.OFF:
        return ""
    if sys.platform != "linux":
        return f"sandboxes need Linux, and this is {sys.platform}"
    tried = subprocess.run(
        [sys.executable, "-I", "-S", "-B", os.path.abspath(__file__), str(level)],  # noqa: PTH100
        capture_output=True, check=False, text=True, errors="replace", cwd="/", env={},
    )  # fmt: skip
    said = tried.stdout.strip().splitlines() or tried.stderr.strip().splitlines()
    return "" if tried.returncode == 0 else (said or ["the trial was killed"])[-1]


def _try(level: Level) -> None:
    """Enter the level in throw-away children and print what failed; for a process of its own."""
    user = 65534 if level is Level.STRICT and os.geteuid() == 0 else None
    spec = specification(level=level, writable=(), readable=(), user=user)
    try:
        isolate(spec)
        script = os.fork()
    except OSError as fault:
        sys.exit(_in_words(fault))
    if not script:
        with contextlib.suppress(BaseException):
            try:
                apply(spec)
                os._exit(0)
            except OSError as fault:
                os.write(1, _in_words(fault).encode())
        os._exit(1)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(script, 0)[1]))


def _in_words(fault: OSError) -> str:
    return f"{fault.filename}: {fault.strerror}" if fault.filename else str(fault.strerror)


# --- entering it ------------------------------------------------------------------------------

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_MACHINE = platform.machine()

_NEW_NAMESPACES = 0x08000000 | 0x04000000 | 0x20000000 | 0x40000000  #: ipc, uts, pid, net
_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_PR_SET_PDEATHSIG, _PR_GET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 2, 4
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, _PR_SET_NO_NEW_PRIVS = 22, 2, 38


def isolate(spec: Mapping[str, Any]) -> None:
    """Give the children that this process forks from now on namespaces of their own.

    For the keeper, which itself keeps its file tree and /proc, but moves to an empty network and,
    unless it is root, into a user namespace. It gets a first child, the namespaces' init: it holds
    no descriptors, inherits and reaps what the script leaves behind, and when it is killed, or the
    keeper dies, the kernel kills all. Kill it after the script, as any child. Single-threaded
    callers only. Does nothing in the levels below `strict`.

    Raises: OSError: the host does not allow it.
    """
    if spec["level"] != Level.STRICT:
        return
    user, group = os.geteuid(), os.getegid()
    own_users = _CLONE_NEWUSER if user else 0
    _check(_libc.unshare(_NEW_NAMESPACES | own_users), "namespaces of its own")
    if own_users:
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{user} {user} 1")
        _write("/proc/self/gid_map", f"{group} {group} 1")
    if not os.fork():
        _be_init()


def _be_init() -> None:
    """Hold the namespaces until killed; never returns."""
    try:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        _prctl(_PR_SET_DUMPABLE, 0)
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # reaps by itself
        os.closerange(0, os.sysconf("SC_OPEN_MAX"))
        while True:
            signal.pause()
    finally:
        os._exit(1)


def apply(spec: Mapping[str, Any]) -> None:
    """Put this process, and all that it will start, into the sandbox. There is no way back.

    It must have one thread. In `strict` it must have been forked after `isolate`. The working
    folder stays, when it is granted. Open descriptors stay: close what the script must not have.

    Raises: OSError: something that the level promises cannot be done; the process must end.
    """
    chosen = Level(spec["level"])
    if chosen is Level.STRICT:
        _check_isolated(spec)
        _enter_own_tree(spec)
    _limit(spec)
    if chosen is Level.OFF:
        return
    program = _filter(chosen)
    rules = _ruleset(spec)
    _give_up_rights(spec["user"])
    _check(_prctl(_PR_SET_NO_NEW_PRIVS, 1), "no new privileges")
    _check(_syscall(446, rules, 0), "Landlock")
    os.close(rules)
    _install(program)


def _check_isolated(spec: Mapping[str, Any]) -> None:
    """The mounted /proc is still the keeper's, and knows us by another number."""
    if os.readlink("/proc/self") == str(os.getpid()):  # noqa: PTH115
        raise OSError(errno.EPERM, "the keeper has not isolated this process", "namespaces")
    if os.geteuid() == 0 and not spec["user"]:
        raise OSError(errno.EPERM, "root has to name one for each script", "user id of its own")


def _limit(spec: Mapping[str, Any]) -> None:
    for name, wanted in spec["limits"].items():
        number = getattr(resource, f"RLIMIT_{name}")
        value = wanted
        if name == "NPROC" and not spec["user"] and spec["level"] != Level.STRICT:
            if os.geteuid() == 0:
                continue  # the kernel does not count for root
            value += _PROCESSES_OF_OTHERS
        _, hard = resource.getrlimit(number)
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(number, (allowed, allowed))


def _give_up_rights(user: int | None) -> None:
    """Become this user, and lose all capabilities; a script of root's stays root by name only."""
    death = ctypes.c_int()
    _check(_prctl(_PR_GET_PDEATHSIG, ctypes.addressof(death)), "dying with the keeper")
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    header, nothing = struct.pack("=Ii", 0x20080522, 0), bytes(24)
    _check(_libc.capset(header, nothing), "giving up capabilities")
    # A change of user has taken these two away.
    _prctl(_PR_SET_DUMPABLE, 1)
    _check(_prctl(_PR_SET_PDEATHSIG, death.value), "dying with the keeper")


def _syscall(number: int, *arguments: int | bytes | None) -> int:
    """Its answer, or -1; the C library knows no function for it."""
    words = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    return int(_libc.syscall(ctypes.c_long(number), *words))


def _prctl(option: int, value: int, pointer: int = 0) -> int:
    rest = [ctypes.c_ulong(word) for word in (value, pointer, 0, 0)]
    return int(_libc.prctl(option, *rest))


def _check(answer: int, wanted: str) -> int:
    """The answer, if it is none of failure."""
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"not possible here ({os.strerror(number)})", wanted)
    return answer


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


# --- a file tree of its own -------------------------------------------------------------------

_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_BIND, _MS_REC, _MS_PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
_ATTR_RDONLY, _ATTR_NOSUID = 1, 2
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_MNT_DETACH = 2
_NEW_ROOT = "/proc"  #: where it is built: nothing under it is granted


def _enter_own_tree(spec: Mapping[str, Any]) -> None:
    """A tree that holds nothing but what is granted, each at its old place."""
    with contextlib.suppress(OSError):
        folder = os.getcwd()  # noqa: PTH109
    _check(_libc.unshare(_CLONE_NEWNS), "a file tree of its own")
    _mount("none", "/", "", _MS_REC | _MS_PRIVATE)
    _mount("tmpfs", _NEW_ROOT, "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=755,size=64k")
    for path, _ in spec["paths"]:
        _bind(path)
    for path, target in spec["links"].items():
        if not os.path.lexists(_NEW_ROOT + path):
            os.makedirs(os.path.dirname(_NEW_ROOT + path), exist_ok=True)  # noqa: PTH103, PTH120
            os.symlink(target, _NEW_ROOT + path)  # noqa: PTH211
    for path in ("/proc", _SHARED_MEMORY):
        os.makedirs(_NEW_ROOT + path, exist_ok=True)  # noqa: PTH103
    _set_attributes(_NEW_ROOT, _ATTR_RDONLY | _ATTR_NOSUID, 0)
    for path, kind in spec["paths"]:
        if kind == _Kind.WRITE:
            _set_attributes(_NEW_ROOT + path, 0, _ATTR_RDONLY)
    safe = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
    _mount("proc", _NEW_ROOT + "/proc", "proc", safe)
    size = max(spec["shared_memory_bytes"], 4096)
    _mount("tmpfs", _NEW_ROOT + _SHARED_MEMORY, "tmpfs", safe, f"mode=1777,size={size}")
    os.chdir(_NEW_ROOT)
    _check(_libc.pivot_root(b".", b"."), "a file tree of its own")
    _check(_libc.umount2(b".", _MNT_DETACH), "a file tree of its own")
    os.chdir("/")
    with contextlib.suppress(OSError):
        os.chdir(folder)


def _bind(path: str) -> None:
    place = _NEW_ROOT + path
    if not os.path.lexists(place):
        if stat.S_ISDIR(os.stat(path).st_mode):  # noqa: PTH116
            os.makedirs(place)  # noqa: PTH103
        else:
            os.makedirs(os.path.dirname(place), exist_ok=True)  # noqa: PTH103, PTH120
            os.close(os.open(place, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o444))
    _mount(path, place, "", _MS_BIND | _MS_REC)


def _mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    names = (os.fsencode(text) for text in (source, target, kind))
    answer = _libc.mount(*names, ctypes.c_ulong(flags), data.encode())
    _check(answer, f"mount {target.removeprefix(_NEW_ROOT) or source}")


def _set_attributes(path: str, added: int, removed: int) -> None:
    """Of this mount and those under it."""
    wanted = struct.pack("=QQQQ", added, removed, 0, 0)
    answer = _syscall(442, _AT_FDCWD, os.fsencode(path), _AT_RECURSIVE, wanted, len(wanted))
    _check(answer, f"mount {path.removeprefix(_NEW_ROOT)} with other rights")


# --- Landlock ---------------------------------------------------------------------------------

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_DIR, _REMOVE_FILE = (1 << n for n in range(6))
_MAKE_CHAR, _MAKE_DIR, _MAKE_REG, _MAKE_SOCK, _MAKE_FIFO, _MAKE_BLOCK, _MAKE_SYM = (
    1 << n for n in range(6, 13)
)
_REFER, _TRUNCATE, _IOCTL_DEV = (1 << n for n in range(13, 16))
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_EVERYTHING = (1 << 16) - 1
_FIRST_VERSION_WITH = {_REFER: 2, _TRUNCATE: 3, _IOCTL_DEV: 5}
_VERSION_OF_NETWORK, _VERSION_OF_SCOPES = 4, 6
_RIGHTS = {
    _Kind.READ: _EXECUTE | _READ_FILE | _READ_DIR,
    _Kind.WRITE: _EVERYTHING & ~(_MAKE_CHAR | _MAKE_BLOCK | _IOCTL_DEV),
    _Kind.DEVICE: _READ_FILE | _WRITE_FILE | _TRUNCATE,
    _Kind.SHARED: _READ_FILE | _WRITE_FILE | _TRUNCATE | _MAKE_REG | _REMOVE_FILE,
}


@functools.cache
def _landlock_version() -> int:
    return _check(_syscall(444, None, 0, 1), "Landlock")


def _ruleset(spec: Mapping[str, Any]) -> int:
    """A descriptor of the rules for all paths; the network and other domains are refused."""
    version = _landlock_version()
    handled = _EVERYTHING & ~sum(r for r, first in _FIRST_VERSION_WITH.items() if version < first)
    network = 3 if version >= _VERSION_OF_NETWORK else 0  #: bind and connect by TCP
    scopes = 3 if version >= _VERSION_OF_SCOPES else 0  #: abstract sockets and signals
    known = 8 * (1 + (version >= _VERSION_OF_NETWORK) + (version >= _VERSION_OF_SCOPES))
    rules = _check(
        _syscall(444, struct.pack("=QQQ", handled, network, scopes), known, 0), "Landlock"
    )
    own = [("/proc", _Kind.READ), (_SHARED_MEMORY, _Kind.WRITE)]
    if spec["level"] != Level.STRICT:
        own = [("/proc/self", _Kind.READ)]  # this process's, for ever; not its children's
    for path, kind in (*spec["paths"], *own):
        _grant(rules, path, _RIGHTS[_Kind(kind)] & handled)
    return rules


def _grant(rules: int, path: str, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _OF_FILES
        rule = struct.pack("=Qi", rights, descriptor)
        _check(_syscall(445, rules, 1, rule, 0), f"Landlock on {path}")
    finally:
        os.close(descriptor)


# --- seccomp ----------------------------------------------------------------------------------

#: Number of the system call on x86_64 and aarch64; -1: it has none.
_NUMBERS = {
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "open_tree": (428, 428), "open_tree_attr": (467, 467), "mount_setattr": (442, 442),
    "chroot": (161, 51), "unshare": (272, 97), "setns": (308, 268), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "bpf": (321, 280), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "keyctl": (250, 219),
    "add_key": (248, 217), "request_key": (249, 218), "userfaultfd": (323, 282),
    "perf_event_open": (298, 241), "kexec_load": (246, 104), "kexec_file_load": (320, 294),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225), "settimeofday": (164, 170),
    "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171),
    "acct": (163, 89), "quotactl": (179, 60), "quotactl_fd": (443, 443), "nfsservctl": (180, 42),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "iopl": (172, -1),
    "ioperm": (173, -1), "modify_ldt": (154, -1), "syslog": (103, 116), "vhangup": (153, 58),
    "fanotify_init": (300, 262), "fanotify_mark": (301, 263), "sethostname": (170, 161),
    "setdomainname": (171, 162), "uselib": (134, -1), "_sysctl": (156, -1), "sysfs": (139, -1),
    "ustat": (136, -1), "lookup_dcookie": (212, 18), "chmod": (90, -1), "fchmod": (91, 52),
    "fchmodat": (268, 53), "fchmodat2": (452, 452), "utime": (132, -1), "utimes": (235, -1),
    "futimesat": (261, -1), "utimensat": (280, 88), "chown": (92, -1), "lchown": (94, -1),
    "fchown": (93, 55), "fchownat": (260, 54), "setxattr": (188, 5), "lsetxattr": (189, 6),
    "fsetxattr": (190, 7), "setxattrat": (463, 463), "removexattr": (197, 14),
    "lremovexattr": (198, 15), "fremovexattr": (199, 16), "removexattrat": (466, 466),
    "file_setattr": (469, 469), "inotify_add_watch": (254, 27), "shmget": (29, 194),
    "shmat": (30, 196), "shmctl": (31, 195), "semget": (64, 190), "semop": (65, 193),
    "semtimedop": (220, 192), "semctl": (66, 191), "msgget": (68, 186), "msgsnd": (69, 189),
    "msgrcv": (70, 188), "msgctl": (71, 187), "mq_open": (240, 180), "mq_unlink": (241, 181),
    "connect": (42, 203), "bind": (49, 200), "truncate": (76, 45), "openat2": (437, 437),
    "open": (2, -1), "openat": (257, 56), "creat": (85, -1), "socket": (41, 198),
    "socketpair": (53, 199), "clone": (56, 220), "clone3": (435, 435), "ioctl": (16, 29),
    "mknod": (133, -1), "mknodat": (259, 33), "personality": (135, 92), "prlimit64": (302, 261),
    "setpriority": (141, 140), "sched_setscheduler": (144, 119), "sched_setparam": (142, 118),
    "sched_setattr": (314, 274), "sched_setaffinity": (203, 122), "ioprio_set": (251, 30),
}  # fmt: skip

#: Reached no further than the kernel, whatever the rights.
_REFUSED = """
    mount umount2 pivot_root move_mount fsopen fsconfig fsmount fspick open_tree open_tree_attr
    mount_setattr chroot unshare setns ptrace process_vm_readv process_vm_writev kcmp
    pidfd_getfd bpf io_uring_setup io_uring_enter io_uring_register keyctl add_key request_key
    userfaultfd perf_event_open kexec_load kexec_file_load init_module finit_module
    delete_module reboot swapon swapoff settimeofday clock_settime clock_adjtime adjtimex acct
    quotactl quotactl_fd nfsservctl open_by_handle_at name_to_handle_at iopl ioperm modify_ldt
    syslog vhangup fanotify_init fanotify_mark sethostname setdomainname uselib _sysctl sysfs
    ustat lookup_dcookie
""".split()  # noqa: SIM905 # reads better so

#: Reach files of the same user that Landlock does not guard, other processes or shared objects.
_REFUSED_WITHOUT_NAMESPACES = """
    socket connect bind chown lchown fchown fchownat file_setattr inotify_add_watch shmget shmat
    shmctl semget semop semtimedop semctl msgget msgsnd msgrcv msgctl mq_open mq_unlink
""".split()  # noqa: SIM905 # reads better so

#: Likewise, but copying a file ends with them and must not fail: they do nothing, successfully.
_IDLE_WITHOUT_NAMESPACES = """
    chmod fchmod fchmodat fchmodat2 utime utimes futimesat utimensat
""".split()  # noqa: SIM905 # reads better so

_UNSUPPORTED_WITHOUT_NAMESPACES = """
    setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat
""".split()  # noqa: SIM905 # reads better so

_ANY = 0xFFFFFFFF
_NAMESPACES = 0x7E020000  #: all CLONE_NEW… of clone()
_IOCTLS = (0x5412, 0x541C, 0x40086602, 0x401C5820)  #: TIOCSTI TIOCLINUX, file attributes
_TRUNCATING = os.O_TRUNC | os.O_ACCMODE

#: Allowed when all conditions hold: argument, mask, values, whether it has to be one of these.
_Conditions = Sequence[tuple[int, int, Collection[int], bool]]
_CONDITIONAL: dict[str, _Conditions] = {
    "socketpair": [(0, _ANY, (socket.AF_UNIX,), True),  # others could still be connected elsewhere
                   (1, 0xF, (socket.SOCK_STREAM, socket.SOCK_SEQPACKET), True)],
    "clone": [(0, _NAMESPACES, (0,), True)],
    "ioctl": [(1, _ANY, _IOCTLS, False)],
    "mknod": [(1, 0xF000, (0, stat.S_IFREG, stat.S_IFIFO), True)],
    "mknodat": [(2, 0xF000, (0, stat.S_IFREG, stat.S_IFIFO), True)],
    "personality": [(0, _ANY, (0, _ANY), True)],
}  # fmt: skip
_CONDITIONAL_WITH_NAMESPACES: dict[str, _Conditions] = {
    "socket": [(0, _ANY, (socket.AF_UNIX,), True)],
}
#: On oneself only: the user's other processes are within reach.
_CONDITIONAL_WITHOUT_NAMESPACES: dict[str, _Conditions] = {
    "prlimit64": [(0, _ANY, (0,), True)],
    "setpriority": [(0, _ANY, (0,), True), (1, _ANY, (0,), True)],
    "ioprio_set": [(0, _ANY, (1,), True), (1, _ANY, (0,), True)],
    "sched_setscheduler": [(0, _ANY, (0,), True)],
    "sched_setparam": [(0, _ANY, (0,), True)],
    "sched_setattr": [(0, _ANY, (0,), True)],
    "sched_setaffinity": [(0, _ANY, (0,), True)],
}
#: Landlock before its third version does not guard against emptying a file that one may read.
_CONDITIONAL_BEFORE_TRUNCATE: dict[str, _Conditions] = {
    "open": [(1, _TRUNCATING, (os.O_TRUNC,), False)],
    "openat": [(2, _TRUNCATING, (os.O_TRUNC,), False)],
}

_LOAD, _AND, _IS_EQUAL, _IS_AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_X32 = 0x40000000


@functools.cache
def _filter(level: Level) -> bytes:
    """The program that judges system calls. Raises: OSError: we know no such machine."""
    if _MACHINE not in _ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"not written for {_MACHINE}", "seccomp")
    architecture, column = _ARCHITECTURES[_MACHINE]
    code = [
        _step(_LOAD, 4), _step(_IS_EQUAL, architecture, 1, 0), _step(_RETURN, _KILL),
        _step(_LOAD, 0), _step(_IS_AT_LEAST, _X32, 0, 1), _step(_RETURN, _ERRNO | errno.EPERM),
    ]  # fmt: skip
    answers, conditional = _judgements(level, before_truncate=_landlock_version() < 3)  # noqa: PLR2004
    for name, number in answers.items():
        if (call := _NUMBERS[name][column]) >= 0:
            code += [_step(_IS_EQUAL, call, 0, 1), _step(_RETURN, _ERRNO | number)]
    for name, conditions in conditional.items():
        if (call := _NUMBERS[name][column]) >= 0:
            tests = _tests(conditions)
            code += [_step(_IS_EQUAL, call, 0, len(tests)), *tests]
    return b"".join([*code, _step(_RETURN, _ALLOW)])


def _judgements(
    level: Level, *, before_truncate: bool
) -> tuple[dict[str, int], dict[str, _Conditions]]:
    """The error by system call that is never allowed, and the conditions of the others."""
    answers = dict.fromkeys(_REFUSED, errno.EPERM) | {"clone3": errno.ENOSYS}
    conditional = dict(_CONDITIONAL)
    if level is Level.STRICT:
        conditional |= _CONDITIONAL_WITH_NAMESPACES
    else:
        answers |= dict.fromkeys(_REFUSED_WITHOUT_NAMESPACES, errno.EPERM)
        answers |= dict.fromkeys(_IDLE_WITHOUT_NAMESPACES, 0)
        answers |= dict.fromkeys(_UNSUPPORTED_WITHOUT_NAMESPACES, errno.ENOTSUP)
        conditional |= _CONDITIONAL_WITHOUT_NAMESPACES
    if before_truncate:
        answers |= {"truncate": errno.EPERM, "openat2": errno.ENOSYS}
        conditional |= _CONDITIONAL_BEFORE_TRUNCATE
    return answers, conditional


def _tests(conditions: _Conditions) -> list[bytes]:
    """Steps that always end the program."""
    steps: list[bytes] = []
    for argument, mask, values, wanted in conditions:
        steps += [_step(_LOAD, 16 + 8 * argument), _step(_AND, mask)]
        for left, value in zip(range(len(values) - 1, -1, -1), values, strict=True):
            steps.append(_step(_IS_EQUAL, value, left + 1, 0))
        refusal = _step(_RETURN, _ERRNO | errno.EPERM)
        steps += [refusal] if wanted else [_step(_IS_AT_LEAST, 0, 1, 0), refusal]
    return [*steps, _step(_RETURN, _ALLOW)]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _install(program: bytes) -> None:
    buffer = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(
        struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    )
    answer = _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(header))
    _check(answer, "seccomp")


if __name__ == "__main__":
    _try(Level(sys.argv[1]))
