"""Tar archives, packed and unpacked within a directory tree; hostile ones are refused before they cost much."""

from __future__ import annotations

import gzip
import os
import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from argosy.clients.files import Tree
from argosy.clients.tar_reader import TarReader, shown
from argosy.errors import Permanent

GZIP = b"\x1f\x8b"
_LONGEST, _DEEPEST = 4096, 255  # characters of a path, as systems have it, and its parts

Ignored = Callable[[str, bool], bool]
"""Whether a path, relative to what is packed or unpacked, is left out; True for a folder."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that an archive may hold: bytes of one file, bytes of all, files and folders.

    `read` is how many bytes are read of it at all, decompressed, and `seen` how many entries, with those that are left
    out.
    """

    file: int = 100 << 20
    total: int = 512 << 20
    entries: int = 100_000
    read: int = 4 << 30
    seen: int = 1_000_000


def pack(source: Path, target: IO[bytes], *, gzipped: bool, ignored: Ignored, time: int, limits: Limits) -> None:
    """Write a file, or what is in a folder, as an archive.

    The same files give the same bytes: owners are left out, the entries are in the order of their names, and all times
    are `time`, in seconds since 1970.

    Raises Permanent: more than `limits` allow; OSError.
    """
    stream = gzip.GzipFile(fileobj=target, mode="wb", mtime=time, filename="") if gzipped else target
    meter = _Meter(limits)
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, place in _entries(source, ignored):
            _add(archive, _described(archive, name, place, time), place, meter)
    if gzipped:
        stream.close()


def unpack(source: Path, target: Path, *, strip: int, ignored: Ignored, limits: Limits) -> int:
    """Extract an archive, gzipped or not, into a new folder; returns how many files it made. `.git` is left out.

    Args:
        strip: how many leading parts of each path are left out; entries with no more parts are left out.

    Raises:
        Permanent: no archive; a path or a link that leads out; an entry that is neither file, folder nor symbolic link;
            more than `limits` allow. What was extracted by then is in `target`.
    """
    tree, meter = Tree(target), _Meter(limits)
    try:
        with source.open("rb") as file, _opened(file) as stream:
            archive = TarReader(stream, limits.read)
            return sum(_extract(archive, entry, tree, name) for entry, name in _wanted(archive, strip, ignored, meter))
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Permanent(f"it is no tar archive, or a damaged one: {error}") from error
    except OSError as error:
        raise Permanent(f"it cannot be extracted: {error.strerror}") from error


@dataclass(slots=True)
class _Meter:
    limits: Limits
    total: int = 0
    entries: int = 0

    def count(self, name: str, size: int) -> None:
        self.entries += 1
        self.total += size
        advice = "Leave out with `ignore` what is not needed."
        if size > self.limits.file:
            raise Permanent(
                f"{shown(name)} has {size} bytes, the limit for one file is {self.limits.file}", advice=advice
            )
        if self.total > self.limits.total:
            raise Permanent(f"the archive holds more than {self.limits.total} bytes", advice=advice)
        if self.entries > self.limits.entries:
            raise Permanent(f"the archive holds more than {self.limits.entries} files", advice=advice)


def _add(archive: tarfile.TarFile, info: tarfile.TarInfo, place: Path, meter: _Meter) -> None:
    meter.count(info.name, info.size if info.isreg() else 0)
    if not info.isreg():
        archive.addfile(info)
        return
    with place.open("rb") as content:
        archive.addfile(info, content)


def _wanted(archive: TarReader, strip: int, ignored: Ignored, meter: _Meter) -> Iterator[tuple[tarfile.TarInfo, str]]:
    """What to extract, and the path it will have."""
    for count, entry in enumerate(archive, 1):
        if count > meter.limits.seen:
            raise Permanent(f"the archive has more than {meter.limits.seen} entries, with what is left out of it")
        name = _stripped(entry.name, strip)
        if name and not _is_git(name) and not ignored(name, entry.isdir()):
            meter.count(entry.name, entry.size if entry.isreg() else 0)
            yield entry, name


def _entries(source: Path, ignored: Ignored) -> Iterator[tuple[str, Path]]:
    """What to pack, by name; `.git` never is."""
    if not source.is_dir():
        yield source.name, source
        return
    folders = [PurePosixPath()]
    while folders:
        below = folders.pop()
        inner: list[PurePosixPath] = []
        for entry in sorted(os.scandir(source / below), key=lambda entry: entry.name):
            path = below / entry.name
            folder = entry.is_dir(follow_symlinks=False)
            if entry.name.lower() == ".git" or ignored(path.as_posix(), folder):
                continue
            if folder or entry.is_symlink() or entry.is_file():
                yield path.as_posix(), source / path
            if folder:
                inner.append(path)
        folders.extend(reversed(inner))


def _described(archive: tarfile.TarFile, name: str, place: Path, time: int) -> tarfile.TarInfo:
    info = archive.gettarinfo(str(place), arcname=name)
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mtime = time
    if info.islnk():  # a second name of a file is a file of its own
        info.type, info.linkname, info.size = tarfile.REGTYPE, "", place.stat().st_size
    return info


def _opened(file: IO[bytes]) -> IO[bytes]:
    gzipped = file.read(2) == GZIP
    file.seek(0)
    return cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if gzipped else file


def _is_git(name: str) -> bool:
    return ".git" in name.lower().split("/")


def _stripped(name: str, strip: int) -> str:
    """The path without its first parts, as it will be; empty for what is left out. Raises Permanent."""
    parts = [part for part in name[:_LONGEST].split("/") if part not in ("", ".")]
    if len(name) >= _LONGEST or len(parts) > _DEEPEST:
        raise Permanent(
            f"the archive holds {name[:200]!r} and so on, which is too long or too deep a path",
            advice="Do not trust it.",
        )
    if name.startswith("/") or ".." in parts or "\\" in name or "\0" in name:
        raise Permanent(f"the archive holds {name[:200]!r}, which leads out of the folder", advice="Do not trust it.")
    return "/".join(parts[strip:])


def _extract(archive: TarReader, entry: tarfile.TarInfo, tree: Tree, name: str) -> int:
    """Extract one entry, through no link of the archive; returns how many files that made."""
    place = tree.locate(name)
    if entry.isdir():
        place.mkdir(parents=True, exist_ok=True)
        return 0
    if entry.issym():
        _check_link(entry, name)
    elif not entry.isreg():
        raise Permanent(
            f"the archive holds {shown(name)}, which is neither file, folder nor symbolic link",
            advice="Leave it out with `ignore`, or pack the archive without it.",
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_symlink() or place.is_file():
        place.unlink()
    if entry.issym():
        place.symlink_to(entry.linkname)
        return 0
    with place.open("xb") as file:
        file.writelines(archive.content(entry))
    place.chmod(entry.mode & 0o755 | 0o600)
    os.utime(place, (entry.mtime, entry.mtime))
    return 1


def _check_link(entry: tarfile.TarInfo, name: str) -> None:
    """Raises Permanent for a symbolic link that leads out of the folder."""
    target = entry.linkname
    inside = os.path.normpath(f"{os.path.dirname(name)}/{target}".lstrip("/"))
    if not target or "\0" in target or target.startswith("/") or inside == ".." or inside.startswith("../"):
        raise Permanent(
            f"the archive holds {shown(name)}, a link to {target[:200]!r}, which leads out of the folder",
            advice="Do not trust it, or leave the link out with `ignore`.",
        )
