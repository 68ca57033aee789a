"""Reads tar archives from a stream, entry by entry, in bounded time and memory.

The standard library takes names and attributes of any size into memory, and searches them in quadratic time: an archive
of a few megabytes can take all memory, or hold up the whole process. Here they have a limit, and are read once.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from argosy.errors import Permanent

NAMES_MOST = 1 << 20
"""Bytes of the names and attributes of one entry, as Go has it."""
_BLOCK = tarfile.BLOCKSIZE
_CHUNK = 1 << 20
_LONG = {tarfile.GNUTYPE_LONGNAME: "path", tarfile.GNUTYPE_LONGLINK: "linkpath"}
_OWN, _GLOBAL = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE), tarfile.XGLTYPE
_KEPT = ("path", "linkpath", "size", "mtime")
_SPARSE = "GNU.sparse."
_ENDLESS = 1 << 62


@dataclass(slots=True)
class TarReader:
    """The entries of an archive. `most` is how many bytes are read of it at all, decompressed."""

    stream: IO[bytes]
    most: int
    _done: int = 0
    _left: int = 0

    def __iter__(self) -> Iterator[tarfile.TarInfo]:
        """Entries in their order; the content of one can be read until the next. Raises Permanent, TarError."""
        attributes: dict[str, str] = {}
        while (block := self._header()) is not None:
            entry = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
            self._left = _padded(entry.size)
            if entry.type in _LONG:
                attributes[_LONG[entry.type]] = _text(self._payload(entry).rstrip(b"\0"))
            elif entry.type in _OWN:
                attributes.update(_known(self._payload(entry)))
            elif entry.type != _GLOBAL:
                _apply(entry, attributes)
                self._left = _padded(entry.size) if _has_content(entry) else 0
                attributes = {}
                yield entry

    def content(self, entry: tarfile.TarInfo) -> Iterator[bytes]:
        """The content of the entry that was given last, part by part."""
        left = entry.size
        while left:
            part = self._read(min(left, _CHUNK))
            left -= len(part)
            self._left -= len(part)
            yield part

    def _header(self) -> bytes | None:
        """The next header; None at the end."""
        while self._left:
            self._left -= len(self._read(min(self._left, _CHUNK)))
        block = self.stream.read(_BLOCK)
        if not block and not self._done:
            raise tarfile.ReadError("empty file")
        if not block or block == bytes(_BLOCK):
            return None
        self._done += len(block)
        return block

    def _payload(self, entry: tarfile.TarInfo) -> bytes:
        if entry.size > NAMES_MOST:
            raise Permanent(f"the archive holds a name or attributes of {entry.size} bytes", advice="Do not trust it.")
        return b"".join(self.content(entry))

    def _read(self, size: int) -> bytes:
        self._done += size
        if self._done > self.most:
            raise Permanent(
                f"the archive has more than {self.most} bytes, with what is left out of it", advice="Make it smaller."
            )
        content = self.stream.read(size)
        if len(content) != size:
            raise tarfile.ReadError("unexpected end of data")
        return content


def _known(content: bytes) -> Iterator[tuple[str, str]]:
    """The attributes that matter; others would only take memory."""
    for name, value in _records(content):
        if name in _KEPT:
            yield name, value
        elif name.startswith(_SPARSE):
            yield _SPARSE, ""


def _records(content: bytes) -> Iterator[tuple[str, str]]:
    """The attributes of a pax header: records of `<length> <name>=<value>`, a line each."""
    at = 0
    while at < len(content) and content[at]:
        blank = content.find(b" ", at, at + 10)
        length = content[at:blank]
        end = at + int(length) if blank > 0 and length.isdigit() else 0
        name, equals, value = content[blank + 1 : end - 1].partition(b"=")
        if not equals or end > len(content):
            raise tarfile.ReadError("bad attributes")
        yield _text(name), _text(value)
        at = end


def _apply(entry: tarfile.TarInfo, attributes: dict[str, str]) -> None:
    if entry.issparse() or _SPARSE in attributes:
        raise Permanent(f"the archive holds {shown(entry.name)} as a sparse file", advice="Pack it without --sparse.")
    if "path" in attributes:
        entry.name = attributes["path"].rstrip("/")
    entry.linkname = attributes.get("linkpath", entry.linkname)
    try:
        entry.size = int(attributes.get("size", entry.size))
        entry.mtime = float(attributes.get("mtime", entry.mtime))
    except ValueError:
        raise tarfile.ReadError("bad attributes") from None
    if not 0 <= entry.size < _ENDLESS or not abs(entry.mtime) < 1 << 40:
        raise tarfile.ReadError("bad attributes")


def shown(name: str) -> str:
    """A name as messages can hold it, whatever bytes it is of."""
    return name[:200].encode("utf-8", "replace").decode()


def _has_content(entry: tarfile.TarInfo) -> bool:
    """Links, folders and devices have none, whatever size they tell."""
    return entry.isreg() or entry.type not in tarfile.SUPPORTED_TYPES


def _padded(size: int) -> int:
    if not 0 <= size < _ENDLESS:
        raise tarfile.ReadError("bad size")
    return -(-size // _BLOCK) * _BLOCK


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")
