"""Runs a program that may touch only some files and connect only to some ports, by Landlock, within limits.

`python -I -S confined.py ORDER PROGRAM ARGUMENT ...`, where ORDER is JSON:

- `read`, `write`: folders and files that may be read (and executed), and changed;
- `ports`: TCP ports that may be connected to;
- `memory`, `file`: bytes of the largest address space, and of the largest file it may write.

It imports nothing of Argosy, so that it starts fast. Where the kernel has no Landlock only the limits hold.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import stat
import struct
import sys
from typing import Any

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same numbers on every architecture
_NO_NEW_PRIVILEGES = 38
_READ = 0b1101  # execute, read files, read folders
_BY_ABI = ((1, 13), (2, 14), (3, 15), (5, 16))  # how many rights on files each version knows
_ON_FILES = 0b1100_0000_0000_0111  # those that make sense for what is no folder
_CONNECT = 0b10
_NETWORK_ABI, _SCOPE_ABI = 4, 6


def abi() -> int:
    """The version of Landlock that the kernel has; 0 for none."""
    if sys.platform != "linux":
        return 0
    return max(int(ctypes.CDLL(None).syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))), 0)


def _restrict(order: dict[str, Any], version: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    rights = (1 << max(count for least, count in _BY_ABI if version >= least)) - 1
    network = 0b11 if version >= _NETWORK_ABI else 0
    attributes = struct.pack("=QQQ", rights, network, 0b11 if version >= _SCOPE_ABI else 0)
    size = 24 if version >= _SCOPE_ABI else 16 if version >= _NETWORK_ABI else 8
    ruleset = _call(libc, _CREATE, attributes, ctypes.c_size_t(size), ctypes.c_uint32(0))
    for paths, allowed in ((order["read"], _READ), (order["write"], rights)):
        for path in paths:
            _allow_path(libc, ruleset, path, allowed & rights)
    if network:
        for port in order["ports"]:
            _call(libc, _ADD, ruleset, 2, struct.pack("=QQ", _CONNECT, port), ctypes.c_uint32(0))
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no_new_privs")
    _call(libc, _RESTRICT, ruleset, ctypes.c_uint32(0))
    os.close(ruleset)


def _allow_path(libc: ctypes.CDLL, ruleset: int, path: str, allowed: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there need not be allowed
    if not stat.S_ISDIR(os.fstat(place).st_mode):
        allowed &= _ON_FILES
    _call(libc, _ADD, ruleset, 1, struct.pack("=Qi", allowed, place), ctypes.c_uint32(0))
    os.close(place)


def _call(libc: ctypes.CDLL, number: int, *arguments: Any) -> int:
    answer = int(libc.syscall(number, *arguments))
    if answer < 0:
        raise OSError(ctypes.get_errno(), "Landlock")
    return answer


def main(arguments: list[str]) -> None:
    """Become the program. Raises OSError."""
    order, *program = arguments
    limits = json.loads(order)
    for kind, most in ((resource.RLIMIT_AS, limits["memory"]), (resource.RLIMIT_FSIZE, limits["file"])):
        resource.setrlimit(kind, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if version := abi():
        _restrict(limits, version)
    for kind in (signal.SIGPIPE, signal.SIGXFSZ):  # which Python ignores
        signal.signal(kind, signal.SIG_DFL)
    os.execv(program[0], program)  # noqa: S606 - a list of arguments, never a shell


if __name__ == "__main__":
    main(sys.argv[1:])
