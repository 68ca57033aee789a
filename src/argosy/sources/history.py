"""History: commits along first parents and tags of a mirror, read once for everybody and kept by commit ID.

What a commit changed never changes, so nothing here needs to be told when a branch moves: a walk follows the first
parents it knows and asks git only for those it does not.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC, datetime
from typing import Protocol

from argosy.clients.git import Answer, Extra
from argosy.rules.commit import Commit, Tag
from argosy.sources.refs import TAGS

_FIRST, _MOST = 64, 8192
_KEPT_PATHS = 3_000_000
_FIELDS = 6
_LOG = (
    *("log", "-z", "--first-parent", "--diff-merges=first-parent", "--name-only", "--no-renames"),
    *("--no-ext-diff", "--no-textconv", "--no-show-signature", "--no-mailmap", "--no-notes"),
    "--format=tformat:%x00%H%x00%P%x00%ct%x00%an <%ae>%x00%cn <%ce>%x00%s",
)
_TAG = "%00".join(
    [
        f"%(refname:lstrip={TAGS.count('/')})",
        "%(creatordate:unix)",
        *(f"%({star}{name})" for star in ("", "*") for name in ("objecttype", "objectname", "subject")),
        *(f"%({star}{role}name) %({star}{role}email)" for star in ("", "*") for role in ("author", "committer")),
        "%(taggername) %(taggeremail)",
    ]
)


class Read(Protocol):
    """Runs a git command in the mirror."""

    async def __call__(self, *args: str, extra: Extra | None = None) -> Answer: ...


class History:
    """The commits of one mirror that somebody has asked for.

    Args:
        read: runs a command that needs commits and trees alone.
        complete: runs one that may need more: tags may be of files, too.
    """

    def __init__(self, read: Read, complete: Read | None = None) -> None:
        self._read = read
        self._complete = complete or read
        self._lock = asyncio.Lock()
        self._commits: dict[str, Commit] = {}
        self._paths = 0
        self._tags: tuple[Mapping[str, str], list[Tag]] = ({}, [])

    async def walk(self, tip: str) -> AsyncIterator[Commit]:
        """The commits from `tip` along first parents, newest first. Raises NotFound, CorruptRepository."""
        commit_id, batch = tip, _FIRST
        while commit_id:
            commit = self._commits.get(commit_id)
            if commit is None:
                await self._load(commit_id, batch)
                batch = min(batch * 4, _MOST)
                commit = self._commits[commit_id]
            yield commit
            commit_id = commit.parent

    async def commits(self, ids: Iterable[str]) -> dict[str, Commit]:
        """These commits, by ID, each with what it changed against its first parent."""
        wanted = list(dict.fromkeys(ids))
        async with self._lock:
            self._make_room()
            missing = [commit_id for commit_id in wanted if commit_id not in self._commits]
            if missing:
                stdin = "".join(f"{commit_id}\n" for commit_id in missing).encode()
                self._keep((await self._read(*_LOG, "--no-walk", "--stdin", extra=Extra(stdin=stdin))).stdout)
        return {commit_id: self._commits[commit_id] for commit_id in wanted}

    async def tags(self, refs: Mapping[str, str]) -> list[Tag]:
        """The tags that lead to a commit, in no order. `refs`, as the server lists them, tells when to read anew."""
        async with self._lock:
            if self._tags[0] != refs:
                answer = await self._complete("for-each-ref", f"--format={_TAG}", TAGS)
                lines = answer.stdout.decode(errors="replace").split("\n")
                found = [tag for line in lines if line and (tag := _tag(line)) is not None]
                self._tags = (refs, found)
            return self._tags[1]

    def forget(self) -> None:
        """Drop everything, as after damage to the mirror."""
        self._commits.clear()
        self._paths = 0
        self._tags = ({}, [])

    async def _load(self, tip: str, count: int) -> None:
        async with self._lock:
            if tip not in self._commits:
                self._make_room()
                answer = await self._read(*_LOG, f"--max-count={count}", "--end-of-options", tip)
                self._keep(answer.stdout)

    def _make_room(self) -> None:
        if self._paths > _KEPT_PATHS:
            self._commits.clear()
            self._paths = 0

    def _keep(self, log: bytes) -> None:
        for commit in _parse(log):
            self._commits[commit.id] = commit
            self._paths += len(commit.paths) + 1


def _parse(log: bytes) -> Iterable[Commit]:
    """Read `git log -z`: each commit is an empty piece, its fields, then its paths, the first after a line end."""
    pieces = log.decode(errors="replace").split("\0")
    index = 1
    while index + _FIELDS <= len(pieces):
        commit_id, parents, date, author, committer, subject = pieces[index : index + _FIELDS]
        index += _FIELDS
        start = index
        while index < len(pieces) and pieces[index]:
            index += 1
        paths = [piece.removeprefix("\n") if place == 0 else piece for place, piece in enumerate(pieces[start:index])]
        index += 1
        yield Commit(
            id=commit_id,
            parent=parents.split(" ", 1)[0],
            date=_moment(date),
            author=author,
            committer=committer,
            subject=subject,
            paths=tuple(map(sys.intern, paths)),
        )


def _moment(date: str) -> datetime:
    """Anybody may write any date into a commit or tag: what no calendar holds counts as the oldest."""
    try:
        return datetime.fromtimestamp(int(date), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _tag(line: str) -> Tag | None:
    """One line of `for-each-ref`; None for tags of trees and files, and tags of tags, which Kargo cannot read."""
    name, date, kind, own_id, subject, peeled_kind, peeled_id, peeled_subject, *people = line.split("\0")
    author, committer, peeled_author, peeled_committer, tagger = people
    annotation = subject
    if kind == "commit":
        peeled_id, peeled_subject, peeled_author, peeled_committer = own_id, subject, author, committer
        tagger, annotation = "", ""
    elif peeled_kind != "commit":
        return None
    return Tag(name, peeled_id, _moment(date), peeled_author, peeled_committer, peeled_subject, tagger, annotation)
