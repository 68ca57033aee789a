"""What the figures were taken on: a figure without its machine says nothing."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path


def describe() -> list[tuple[str, str]]:
    """Name and value of everything that a figure depends on."""
    return [
        ("processor", f"{_processor()}, {len(os.sched_getaffinity(0))} cores"),
        ("memory", f"{_memory() / 2**30:.0f} GiB"),
        ("disk", _disk(Path(tempfile.gettempdir()))),
        ("system", f"{platform.system()} {platform.release()}"),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}, SQLite {sqlite3.sqlite_version}"),
        ("git", _git()),
    ]


def load() -> float:
    """How many programs wanted a core in the last minute: above the number of cores, the figures tell of others too."""
    return os.getloadavg()[0]


def _processor() -> str:
    for name, value in _pairs(Path("/proc/cpuinfo")):
        if name == "model name":
            return value
    return platform.processor() or platform.machine()


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _disk(folder: Path) -> str:
    """The file system that the throwaway folders of the run are on."""
    best = ("/", "unknown")
    for line in Path("/proc/mounts").read_text().splitlines():
        _, place, kind, *_ = line.split(" ")
        if folder.is_relative_to(place) and len(place) >= len(best[0]):
            best = (place, kind)
    return best[1]


def _git() -> str:
    done = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True)
    return done.stdout.strip().removeprefix("git version ")


def used(folder: Path) -> int:
    """Bytes of disk that the files below a folder take, each counted once however many links lead to it."""
    found = {}
    for place, _, files in os.walk(folder):
        for name in files:
            about = os.lstat(os.path.join(place, name))
            found[about.st_ino] = about.st_blocks * 512
    return sum(found.values())


def resident(pid: int | None = None) -> int:
    """Bytes of memory that a process, by default this one, has to itself now; mapped files are not counted."""
    return _own(dict(_pairs(Path(f"/proc/{pid or 'self'}/status"))))


def resident_with_children() -> int:
    """The same, together with the programs that it has started and that still run."""
    parents, sizes = {}, {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            status = dict(_pairs(entry / "status"))
        except OSError:
            continue  # it has ended meanwhile
        parents[int(entry.name)] = int(status["PPid"])
        sizes[int(entry.name)] = _own(status)
    return sum(size for pid, size in sizes.items() if _descends(pid, parents))


def _own(status: Mapping[str, str]) -> int:
    return int(status.get("RssAnon", "0 kB").split()[0]) * 1024


def _descends(pid: int, parents: dict[int, int]) -> bool:
    while pid in parents and pid != os.getpid():
        pid = parents[pid]
    return pid == os.getpid()


def _pairs(path: Path) -> Iterator[tuple[str, str]]:
    for line in path.read_text().splitlines():
        name, _, value = line.partition(":")
        yield name.strip(), value.strip()
