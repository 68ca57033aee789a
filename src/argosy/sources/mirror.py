"""Mirrors: one bare copy of each Git repository and login, shared by every Warehouse and promotion that reads it.

A mirror fetches only into `refs/remotes/origin/*` (branches) and `refs/remotes/tags/*` (tags, which may move there),
and only what `ls-remote` says has changed. It is a cache: damaged or deleted, it is fetched anew.

A blobless mirror is a partial clone (gitglossary): commits and trees are fetched, the contents of files when a command
needs them. Such a command logs in as every other that talks to the server, and no other command can ask it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from weakref import WeakValueDictionary

from argosy.clients.git import Answer, Extra, Git, Identity, Place, Remote
from argosy.clients.git_error import CorruptRepository
from argosy.clock import Clock
from argosy.errors import NotFound
from argosy.rules import git_url
from argosy.sources.bare import FILTER, PROMISOR, BareRepository
from argosy.sources.commit_object import Draft, restore, write_commit
from argosy.sources.history import History
from argosy.sources.refresh import Refresh
from argosy.sources.refs import (
    BRANCH,
    BRANCHES,
    TAG,
    TAGS,
    Refs,
    check_branch,
    check_tag,
    is_commit,
    is_name,
    is_whole_commit,
    parse_local,
    parse_refs,
    plan_fetch,
)

_ASKING = 60.0
_REMEMBERED = 64
BLOBLESS = ".blobless"
"""The end of the name of a folder whose mirror is blobless."""
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


BranchLocks = WeakValueDictionary[tuple[str, str], asyncio.Lock]
"""One lock for each normalised URL and branch, as long as somebody holds it or waits for it."""


class Mirror:
    """One repository, seen with one login. Made by `Mirrors.open`."""

    def __init__(self, folder: Path, remote: Remote, git: Git, clock: Clock, locks: BranchLocks | None = None) -> None:
        self.remote = remote
        self.key = folder.name
        self.blobless = folder.name.endswith(BLOBLESS)
        self.git = git
        self.refs = Refs()
        self._lock = asyncio.Lock()
        self._refresh = Refresh(self._update, clock, self._lock)
        self._branch_locks: BranchLocks = WeakValueDictionary() if locks is None else locks
        self._descents: deque[tuple[str, str]] = deque(maxlen=_REMEMBERED)
        self._bare = BareRepository(folder, git, partial=self.blobless)
        self.history = History(self.run, self.read)

    @property
    def place(self) -> Place:
        """Where its repository is, and, for what it lacks, the server's."""
        promisor = ((f"remote.{PROMISOR}.url", self.remote.url),) if self.blobless else ()
        return replace(self._bare.place, config=promisor)

    async def refresh(self, *, max_age: float = 0.0) -> Refs:
        """Bring the mirror up to date and return what the server has.

        Callers who may share an answer do: those who come before the server was asked, and those whose `max_age`
        (seconds) the last answer still satisfies. A failure is shared in the same way.

        Raises what `Git.remote` raises.
        """
        await self._refresh.get(max_age=max_age)
        return self.refs

    async def resolve(self, *, branch: str = "", tag: str = "", commit: str = "") -> str:
        """The commit ID that a branch, tag or (short) commit ID names, as the mirror knows it now; nothing given means
        the default branch. Raises NotFound."""
        if commit:
            return await self._revision(commit if is_commit(commit) else "", f"commit {commit}")
        if tag:
            return await self._revision(f"{TAGS}{tag}" if is_name(tag) else "", f"tag {tag}")
        name = branch or self.refs.default_branch
        if name:
            return self.refs.branches.get(name) or await self._revision(f"{BRANCHES}{name}", f"branch {name}")
        raise NotFound(f"{self.remote.url} has no default branch", advice="Push a commit, or name a branch")

    async def run(self, *args: str, extra: Extra | None = None, place: Place | None = None) -> Answer:
        """Run a git command that talks to no server, here or in one of the mirror's work trees."""
        return await self._bare.run(*args, extra=extra, place=place)

    async def read(self, *args: str, extra: Extra | None = None, place: Place | None = None) -> Answer:
        """As `run`, for a command that may need contents of files, which a blobless mirror may have to fetch.

        Then it also raises what `Git.remote` raises.
        """
        if not self.blobless:
            return await self.run(*args, extra=extra, place=place)
        await self._bare.open()
        return await self._bare.watch(self.git.promised(place or self.place, self.remote, *args, extra=extra))

    async def has(self, commit: str) -> bool:
        """Whether the full commit ID is here, so that no server need be asked."""
        extra = Extra(accept=(0, 1, 128))
        return (
            is_whole_commit(commit)
            and (await self.run("cat-file", "-e", f"{commit}^{{commit}}", extra=extra)).code == 0
        )

    async def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether commit `older` is `newer` or reachable from it. Raises NotFound for unknown commits."""
        if (older, newer) in self._descents:
            return True
        answer = await self.run("merge-base", "--is-ancestor", older, newer, extra=Extra(accept=(0, 1)))
        if answer.code == 0:
            # True forever, and asked several times of one push.
            self._descents.append((older, newer))
        return answer.code == 0

    async def _revision(self, name: str, what: str) -> str:
        """`name` is empty for what is more than a name: Git would also take a search, or a step to a parent."""
        arguments = ("--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        answer = await self.run("rev-parse", *arguments, extra=Extra(accept=(0, 1, 128))) if name else None
        if answer is None or answer.code != 0:
            advice = "Check the name, and that it was pushed"
            raise NotFound(f"There is no {what.strip()} in {self.remote.url}", advice=advice)
        return answer.text

    async def fetch_branch(self, branch: str) -> str | None:
        """Fetch one branch now; returns its commit ID on the server, None when there is no such branch."""
        check_branch(branch)
        ref = f"{BRANCHES}{branch}"
        async with self._lock:
            await self._bare.open()
            try:
                await self._fetch([f"+{BRANCH}{branch}:{ref}"])
            except NotFound:
                await self.run("update-ref", "-d", ref)
                self.refs = self.refs.without_branch(branch)
                return None
            commit = (await self.run("rev-parse", "--verify", ref)).text
            self.refs = self.refs.with_branch(branch, commit)
            return commit

    async def fetch_commit(self, commit: str) -> None:
        """Fetch a commit that no branch or tag reaches, where the server gives such. Raises NotFound."""
        if not is_whole_commit(commit):  # Git would take anything else for refs to fetch, and where to
            raise NotFound(
                f"There is no commit {commit!r} in {self.remote.url}", advice="Give the whole ID of a commit"
            )
        async with self._lock:
            await self._fetch([commit])

    async def remote_commit(self, branch: str) -> str | None:
        """Ask the server alone which commit `branch` is at; None when there is no such branch."""
        place = await self._bare.open()
        return (await self._ask(place, f"{BRANCH}{branch}")).branches.get(branch)

    async def note_push(self, branch: str, commit: str) -> None:
        """Our own push moved `branch`: the next refresh need not fetch it."""
        await self.run("update-ref", f"{BRANCHES}{branch}", commit)
        self.refs = self.refs.with_branch(branch, commit)

    async def remote_tag(self, name: str) -> str | None:
        """Ask the server alone which object the tag `name` is; None when there is no such tag."""
        check_tag(name)
        place = await self._bare.open()
        return (await self._ask(place, f"{TAG}{name}")).tags.get(name)

    async def note_tag(self, name: str, tag: str) -> None:
        """Our own push made the tag `name`: the next refresh need not fetch it."""
        await self.run("update-ref", f"{TAGS}{name}", tag)
        self.refs = self.refs.with_tag(name, tag)

    def branch_lock(self, branch: str) -> asyncio.Lock:
        """Taken by whoever integrates and pushes, so that pushes of ours to one branch do not reject each other.

        First come, first served, whatever login each has: all mirrors of a repository share it.
        """
        key = (git_url.normalize(self.remote.url), branch)
        return self._branch_locks.setdefault(key, asyncio.Lock())

    async def root_commit(self, message: str, identity: Identity) -> str:
        """Make a commit without files and parents, the start of an orphan branch; pushes nothing."""
        await self.run("hash-object", "-t", "tree", "-w", "--stdin")
        return await write_commit(self.run, Draft(EMPTY_TREE, (), f"{message}\n", identity))

    async def restore_root(self, text: str) -> None:
        """Make the commit that `root_commit` made once, from its text, where it is not there any more."""
        await self.run("hash-object", "-t", "tree", "-w", "--stdin")
        await restore(self.run, "commit", text)

    async def maintain(self) -> bool:
        """Repack when packs or loose objects have piled up; returns whether it did."""
        if not await self._bare.needs_repacking():
            return False
        async with self._lock:
            await self._bare.repack()
        return True

    async def close(self) -> None:
        """Give up a refresh that is under way."""
        await self._refresh.close()

    async def _update(self) -> None:
        try:
            await self._bare.check()
            await self._sync()
        except CorruptRepository:
            await self._bare.replace()
            self.history.forget()
            await self._sync()
        except NotFound:
            # A branch went between asking and fetching: ask again, once.
            await self._sync()

    async def _sync(self) -> None:
        server = await self._ask(self.place)
        local = await self._local_refs()
        plan = plan_fetch(server, local)
        if plan.gone:
            gone = "".join(f"delete {ref}\n" for ref in plan.gone)
            await self.run("update-ref", "--stdin", extra=Extra(stdin=gone.encode()))
        if plan.refspecs:
            await self._fetch(plan.refspecs)
        if plan.is_large:
            await self.run("pack-refs", "--all")
        self.refs = server

    async def _ask(self, place: Place, *patterns: str) -> Refs:
        extra = Extra(seconds=min(_ASKING, self.git.policy.remote_seconds))
        arguments = ("--symref", "--end-of-options", self.remote.url, *patterns)
        return parse_refs((await self.git.remote(place, self.remote, "ls-remote", *arguments, extra=extra)).stdout)

    async def _fetch(self, refspecs: list[str]) -> None:
        extra = Extra(stdin="".join(f"{spec}\n" for spec in refspecs).encode())
        source = (f"--filter={FILTER}", PROMISOR) if self.blobless else (self.remote.url,)
        await self.git.remote(
            self.place,
            self.remote,
            *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--stdin"),
            *source,
            extra=extra,
        )

    async def _local_refs(self) -> Mapping[str, str]:
        answer = await self.run("for-each-ref", "--format=%(objectname) %(refname)", "refs/remotes/")
        return parse_local(answer.stdout)
