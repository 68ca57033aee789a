"""Bare Git repositories for tests and demos: made, committed to and read with one short call each."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin",
    "LC_ALL": "C",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
}


class Submodule(str):
    """As the content of a file: the ID of a commit of another repository, which makes the path a submodule."""


@dataclass(frozen=True, slots=True)
class Change:
    """One commit to be made: `files` maps a path to its new content, or to None to delete it.

    Args:
        message: the whole commit message.
        date: seconds since 1970; author and committer date.
        author: `Name <email>`, also the committer.
        parents: commit IDs instead of the branch's tip; an empty list makes a root commit.
    """

    files: Mapping[str, str | bytes | None]
    message: str = "Change"
    date: int = 1_700_000_000
    author: str = "Ada <ada@example.com>"
    parents: Sequence[str] | None = None


class GitRepository:
    """A bare repository on disk, with `main` as its default branch."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, path: Path) -> GitRepository:
        """Make an empty repository at `path`."""
        path.mkdir(parents=True)
        repository = cls(path)
        repository.git("init", "--quiet", "--bare", "--initial-branch=main", ".")
        return repository

    @property
    def url(self) -> str:
        """Its `file://` URL."""
        return f"file://{self.path}"

    def git(self, *args: str, stdin: bytes = b"") -> str:
        """Run a git command in the repository; returns what it printed. Raises CalledProcessError."""
        environment = {**_ENVIRONMENT, "GIT_DIR": str(self.path)}
        done = subprocess.run(
            ["git", *args], cwd=self.path, env=environment, input=stdin, capture_output=True, check=True
        )
        return done.stdout.decode(errors="replace").strip()

    def commit(self, files: Mapping[str, str | bytes | None], message: str = "Change", *, branch: str = "main") -> str:
        """Commit `files` on top of `branch`, which is made when missing; returns the commit ID."""
        return self.add([Change(files, message)], branch=branch)

    def add(self, changes: Iterable[Change], *, branch: str = "main") -> str:
        """Make many commits at once, each on top of the one before; returns the ID of the last."""
        ref = f"refs/heads/{branch}"
        exists = bool(self.git("for-each-ref", ref))
        stream = bytearray()
        for number, change in enumerate(changes):
            parents = change.parents
            if parents is None:
                parents = [f"{ref}^0"] if exists and number == 0 else []
            elif not parents:
                stream += f"reset {ref}\n".encode()
            stream += _render(change, ref, parents)
        self.git("fast-import", "--quiet", "--force", "--date-format=raw", stdin=bytes(stream))
        return self.head(branch)

    def tag(self, name: str, commit: str = "main", *, message: str = "", date: int = 1_700_000_000) -> None:
        """Make or move a tag: an annotated one when there is a `message`."""
        if not message:
            self.git("update-ref", f"refs/tags/{name}", self.git("rev-parse", f"{commit}^{{commit}}"))
            return
        target = self.git("rev-parse", f"{commit}^0")
        body = f"object {target}\ntype commit\ntag {name}\ntagger Tom <tom@example.com> {date} +0000\n\n{message}\n"
        made = self.git("hash-object", "-t", "tag", "-w", "--stdin", stdin=body.encode())
        self.git("update-ref", f"refs/tags/{name}", made)

    def head(self, branch: str = "main") -> str:
        """The commit ID at the tip of `branch`. Raises CalledProcessError when there is no such branch."""
        return self.git("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}")

    def read(self, path: str, revision: str = "main") -> str:
        """The content of a file, without its last line end."""
        return self.git("cat-file", "blob", f"{revision}:{path}")

    def files(self, revision: str = "main") -> list[str]:
        """Every path in the tree of `revision`, sorted."""
        return [path for path in self.git("ls-tree", "-r", "-z", "--name-only", revision).split("\0") if path]

    def log(self, revision: str = "main") -> list[str]:
        """The subjects of the commits reachable from `revision`, newest first."""
        return self.git("log", "--format=%s", revision).splitlines()


def _render(change: Change, ref: str, parents: Sequence[str]) -> bytes:
    out = bytearray(f"commit {ref}\ncommitter {change.author} {change.date} +0000\n".encode())
    out += _data(change.message.encode())
    for position, parent in enumerate(parents):
        out += f"{'merge' if position else 'from'} {parent}\n".encode()
    for path, content in change.files.items():
        name = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        if content is None:
            out += f'D "{name}"\n'.encode()
        elif isinstance(content, Submodule):
            out += f'M 160000 {content} "{name}"\n'.encode()
        else:
            out += f'M 100644 inline "{name}"\n'.encode()
            out += _data(content if isinstance(content, bytes) else content.encode())
    return bytes(out + b"\n")


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)
