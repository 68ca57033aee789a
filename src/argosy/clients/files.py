"""Files of one directory tree, and of nothing outside it, whatever a path or a link in the tree says.

Paths are clamped as in a chroot: `/src` and `../src` both mean `src` inside the tree, and so does what a symbolic
link points to. Paths through `.git` are refused: what is in there decides what Git runs.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import uuid
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from argosy.errors import Permanent

LINKS_MOST = 255  # as the Linux kernel bounds link chains, with room


class Tree:
    """The files under `root`. Paths given to its methods are relative to it, written with `/`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def resolve(self, path: str) -> Path:
        """Where `path` really is, every link followed inside the tree; the last parts need not exist.

        Raises Permanent for paths through `.git`, with a NUL character, too long, or through too many links.
        """
        if "\0" in path:
            raise Permanent(f"path {path!r} contains a NUL character")
        done: list[str] = []
        todo = list(reversed(_parts(path)))
        links = 0
        while todo:
            part = todo.pop()
            if part == "..":
                if done:
                    done.pop()
                continue
            if part.lower() in (".git", "git~1"):
                raise Permanent(
                    f"path {path!r} leads into {part}",
                    advice="Steps may not touch Git's own files; choose another path.",
                )
            here = self.root.joinpath(*done, part)
            if not _is_link(here, path):
                done.append(part)
                continue
            links += 1
            if links > LINKS_MOST:
                raise Permanent(f"path {path!r} goes through too many symbolic links")
            target = os.readlink(here)
            if target.startswith("/"):
                done.clear()
            todo.extend(reversed(_parts(target)))
        return self.root.joinpath(*done)

    def locate(self, path: str) -> Path:
        """As `resolve`, but a link that `path` itself names is not followed. Raises Permanent as `resolve` does."""
        parent, _, name = path.rstrip("/").rpartition("/")
        if name not in ("", ".", ".."):
            place = self.resolve(parent or ".").joinpath(name)
            if "\0" not in name and _is_link(place, path):
                return place
        return self.resolve(path)

    def relative(self, path: Path) -> str:
        """`path`, which `resolve` gave, as it is written inside the tree."""
        return path.relative_to(self.root).as_posix()

    def read(self, path: str, *, most: int = 64 << 20) -> bytes:
        """The bytes of a regular file. Raises Permanent when it is missing, no file, or larger than `most` bytes."""
        place = self.resolve(path)
        try:
            info = place.stat()
            if not stat.S_ISREG(info.st_mode):
                raise Permanent(f"{path} is not a regular file")
            if info.st_size > most:
                raise Permanent(f"{path} has {info.st_size} bytes, the limit is {most}")
            return place.read_bytes()
        except FileNotFoundError as error:
            raise Permanent(f"no file {path} in the working directory", advice=self._nearby(place)) from error
        except OSError as error:
            raise Permanent(f"cannot read {path}: {error.strerror}") from error

    def write(self, path: str, content: bytes, *, mode: int = 0o644) -> None:
        """Write a file whole or not at all, making the folders it needs; an existing file keeps its mode."""
        place = self.resolve(path)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            if place.exists():
                mode = stat.S_IMODE(place.stat().st_mode)
            draft = place.with_name(f".{place.name[:200]}.argosy-draft")
            with new_file(draft) as file:
                file.write(content)
            draft.chmod(mode)
            draft.replace(place)
        except OSError as error:
            raise Permanent(f"cannot write {path}: {error.strerror}") from error

    def delete(self, path: str, *, strict: bool = False) -> None:
        """Delete a file, a link itself, or a folder with everything in it. Missing is fine unless `strict`."""
        place = self.locate(path)
        if place == self.root:
            raise Permanent("the working directory itself cannot be deleted")
        try:
            if place.is_dir() and not place.is_symlink():
                delete_folder(place)
            else:
                place.unlink()
        except FileNotFoundError as error:
            if strict:
                raise Permanent(f"no file {path} in the working directory", advice=self._nearby(place)) from error
        except OSError as error:
            raise Permanent(f"cannot delete {path}: {error.strerror}") from error

    def copy(
        self, source: str, target: str, *, ignored: Callable[[str, bool], bool] = lambda path, folder: False
    ) -> None:
        """Copy a file, or what is in a folder, links as links; `.git` is never copied.

        `ignored(path, is_folder)` is asked for every path below `source`, written relative to it. Links that lead out
        of the tree, from where they are or from where they would be, are left out, for wherever they were read they
        would mean something else. Links in the place of what is copied are replaced.
        """
        start, end = self.resolve(source), self.resolve(target)
        if not start.exists():
            raise Permanent(f"no file {source} in the working directory", advice=self._nearby(start))
        if end == start or (start.is_dir() and end.is_relative_to(start)):
            raise Permanent(f"cannot copy {source} into itself ({target})")
        try:
            if start.is_dir():
                self._copy_folder(start, end, PurePosixPath(), ignored)
            else:
                if end.is_dir():
                    end = self.resolve(f"{self.relative(end)}/{start.name}")
                end.parent.mkdir(parents=True, exist_ok=True)
                _copy_file(start, end)
        except OSError as error:
            raise Permanent(f"cannot copy {source} to {target}: {error.strerror}") from error
        except RecursionError as error:
            raise Permanent(f"cannot copy {source} to {target}: its folders are nested too deeply") from error

    def _copy_folder(self, start: Path, end: Path, below: PurePosixPath, ignored: Callable[[str, bool], bool]) -> None:
        if end.is_symlink():
            end.unlink()
        end.mkdir(parents=True, exist_ok=True)
        for entry in sorted(os.scandir(start), key=lambda entry: entry.name):
            path = below / entry.name
            folder = entry.is_dir(follow_symlinks=False)
            if entry.name.lower() == ".git" or ignored(path.as_posix(), folder):
                continue
            place = end / entry.name
            if entry.is_symlink():
                self._copy_link(Path(entry.path), place)
            elif folder:
                self._copy_folder(Path(entry.path), place, path, ignored)
            elif entry.is_file(follow_symlinks=False):
                _copy_file(Path(entry.path), place)

    def _copy_link(self, link: Path, place: Path) -> None:
        target = os.readlink(link)
        ends = (Path(os.path.normpath(each.parent / target)) for each in (link, place))
        if target.startswith("/") or not all(end.is_relative_to(self.root) for end in ends):
            return
        if place.is_symlink() or place.is_file():
            place.unlink()
        place.symlink_to(target)

    def _nearby(self, place: Path) -> str:
        """Advice for a missing path: what the nearest folder that exists holds."""
        folder = place.parent
        while not folder.is_dir() and folder != self.root:
            folder = folder.parent
        if not folder.is_dir():
            return ""
        names = sorted(name for name in os.listdir(folder) if not name.startswith(".git"))[:10]
        where = self.relative(folder)
        listed = ", ".join(names) or "nothing"
        return f"The folder {'it should be in' if where == '.' else where} holds {listed}."


def delete_folder(folder: Path, *, ignore_errors: bool = False) -> None:
    """Delete a folder with everything in it, however deep. Raises OSError, unless errors are to be ignored."""
    try:
        shutil.rmtree(folder, ignore_errors=ignore_errors)
    except RecursionError:
        _delete_deep(folder)


def _delete_deep(folder: Path) -> None:
    """What is in inner folders comes up one floor before they are deleted, so that no path grows long."""
    while inner := [entry for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]:
        for entry in (entry for each in inner for entry in list(os.scandir(each))):
            if entry.is_dir(follow_symlinks=False):
                os.rename(entry.path, folder / uuid.uuid4().hex)
            else:
                os.unlink(entry.path)
        for each in inner:
            os.rmdir(each)
    shutil.rmtree(folder)


def _copy_file(source: Path, place: Path) -> None:
    """Not into a folder of that name, and not through a link."""
    if place.is_symlink():
        place.unlink()
    elif place.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    shutil.copy2(source, place)


def new_file(place: Path) -> BinaryIO:
    """A new file to write to, in the place of what has its name: a link there, put by a stranger, is not followed.

    Raises OSError.
    """
    place.unlink(missing_ok=True)
    return place.open("xb")


def _is_link(place: Path, path: str) -> bool:
    """Raises Permanent for a path that the file system does not take, say with a name that is too long."""
    try:
        return place.is_symlink()
    except OSError as error:
        raise Permanent(
            f"path {path[:100]!r} cannot be used: {error.strerror}", advice="Choose another path."
        ) from error


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]
