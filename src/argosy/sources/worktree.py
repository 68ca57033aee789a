"""One checkout: a work tree of a mirror, detached; the branch it stands for is our knowledge, not Git's.

The work tree holds no `.git`: its Git directory lies within the mirror and every command names both, so that nothing a
step or a repository puts into the tree can pass for Git's own files.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from argosy.clients.git import Answer, Extra, Identity, Place
from argosy.clients.git_error import MergeConflict
from argosy.errors import ArgosyError, Permanent
from argosy.rules.push_integration import Signature
from argosy.sources.commit_object import Draft, commit_text, is_signed, signed_by, write_commit
from argosy.sources.git_index import GitIndex
from argosy.sources.lfs_files import LfsFiles
from argosy.sources.mirror import EMPTY_TREE, Mirror
from argosy.sources.push import Push, push

_LONGEST_DIFF = 1 << 20
_SPARSE = (("core.sparseCheckout", "true"), ("core.sparseCheckoutCone", "true"))
_ID = re.compile("[0-9a-f]{40}")
_LASTING = frozenset({"HEAD", "index", "commondir", "gitdir", "checkout.json", "info"})


@dataclass(frozen=True)
class Checkout:
    """Files of one commit, to be changed, committed and pushed. Made by `Checkouts`; use one task at a time.

    Attributes:
        mirror: where its objects are.
        path: the work tree.
        git_dir: its own Git directory, inside the mirror.
        branch: the branch it was taken from; empty for a tag or commit.
        sparse: whether only some folders are there.
    """

    mirror: Mirror
    path: Path
    git_dir: Path
    branch: str = ""
    sparse: bool = False

    @property
    def url(self) -> str:
        """URL of the repository, without user."""
        return self.mirror.remote.url

    async def head(self) -> str:
        """ID of the commit that is checked out."""
        text = (self.git_dir / "HEAD").read_text().strip()
        return text if _ID.fullmatch(text) else (await self._run("rev-parse", "--verify", "HEAD")).text

    async def add_all(self) -> bool:
        """Stage everything that changed: new, changed and deleted files, except what `.gitignore` names.

        Returns whether anything staged differs from HEAD. Raises Permanent when a folder of the tree is a Git
        repository of its own; Failed for changed contents of LFS.
        """
        await self.index.refuse_nested()
        await self.lfs.settle()
        return await self.index.add()

    async def has_changes(self, *paths: str) -> bool:
        """Whether what is staged differs from HEAD, in these files and folders or anywhere."""
        return bool(await self.index.staged(*paths))

    async def is_clean(self) -> bool:
        """Stage everything and tell whether nothing differs from HEAD."""
        return not await self.add_all()

    async def commit(self, message: str, identity: Identity, *, allow_empty: bool = False, earlier: str = "") -> str:
        """Commit what is staged; returns the ID of the commit, or of HEAD when there is nothing to commit.

        The same tree, parent, message and identity give the same ID; with a signature only when `earlier`, the text of
        the commit made the first time, is given. Raises Permanent for an empty message and a key of no use.
        """
        text = clean_message(message)
        if not text:
            raise Permanent("The commit message is empty", advice="Give the step a message")
        head = await self.head()
        if not allow_empty and not await self.has_changes():
            return head
        tree = (await self._run("write-tree")).text
        made = await write_commit(self._run, Draft(tree, (head,), text, identity), earlier)
        self._set_head(made)
        return made

    async def text(self, commit: str) -> str:
        """The whole text of a commit, with its signature, as the object that Git keeps. Raises NotFound."""
        return await commit_text(self._run, commit)

    async def clear(self) -> None:
        """Delete every file that is tracked or could be added; what `.gitignore` names stays, as in Kargo."""
        await self.index.refuse_nested()
        await self.index.add()
        await self._run("rm", "-r", "--force", "--quiet", "--ignore-unmatch", "--", ".")
        self.path.mkdir(exist_ok=True)

    async def fetch(self, branch: str) -> str | None:
        """Fetch a branch; returns its commit ID on the server, None when it is not there."""
        return await self.mirror.fetch_branch(branch)

    async def remote_commit(self, branch: str) -> str | None:
        """Ask the server which commit `branch` holds; None when it is not there. Fetches nothing."""
        return await self.mirror.remote_commit(branch)

    async def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether `older` is `newer` or reachable from it. Raises NotFound for commits not fetched."""
        return await self.mirror.is_ancestor(older, newer)

    async def commits_since(self, base: str) -> list[str]:
        """IDs of the commits of HEAD that `base` does not contain, newest first."""
        return (await self._run("rev-list", f"{base}..HEAD")).text.split()

    async def signatures(self, commits: list[str], identity: Identity) -> list[Signature]:
        """For each commit, whether it is signed, and whether with the key of `identity`."""
        if not commits:
            return []
        # By standard input: there may be more than fit into the arguments of a program.
        given = Extra(stdin="".join(f"{commit}\n" for commit in commits).encode())
        listed = (await self._run("rev-list", "--no-walk=unsorted", "--header", "--stdin", extra=given)).stdout
        texts = (each.decode(errors="replace").partition("\n")[2] for each in listed.split(b"\0") if each)
        found = [Signature.OTHER if is_signed(text) else Signature.NONE for text in texts]
        if identity.key is None or Signature.OTHER not in found:
            return found
        async with signed_by(identity, given) as ready:
            # `G` is good and trusted; in the keyring there is no other key than this one.
            shown = await self._run("log", "--no-walk=unsorted", "--format=%G?", "--stdin", extra=ready)
        grades = shown.text.splitlines()
        return [
            Signature.OURS if kind is Signature.OTHER and grade == "G" else kind
            for kind, grade in zip(found, grades, strict=True)
        ]

    async def subjects_since(self, base: str | None) -> list[str]:
        """The first lines of the messages of commits that `base` does not contain, newest first; None contains none."""
        answer = await self._run("log", "--format=%s", "--max-count=100", f"{base}..HEAD" if base else "HEAD")
        return answer.text.splitlines()

    async def diff(self, base: str | None) -> str:
        """How HEAD differs from the commit `base`, or from nothing, as a unified diff; cut after 1 MiB."""
        options = (
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
            "--find-renames",
            "--src-prefix=a/",
            "--dst-prefix=b/",
        )
        extra = Extra(enough=_LONGEST_DIFF)
        answer = await self._run("diff", *options, base or EMPTY_TREE, "HEAD", "--", extra=extra)
        return answer.text if len(answer.stdout) < _LONGEST_DIFF else f"{answer.text}\n... the rest is not shown\n"

    async def rebase(self, onto: str, identity: Identity) -> str:
        """Replay our commits on top of the commit `onto`; returns the new HEAD. Authors stay.

        Raises MergeConflict, with everything as it was before.
        """
        return await self._integrate("rebase", "--quiet", "--no-fork-point", "--no-stat", onto, identity=identity)

    async def merge(self, other: str, message: str, identity: Identity) -> str:
        """Merge the commit `other` into HEAD, moving forward without a merge commit where possible.

        Returns the new HEAD.

        Raises MergeConflict, with everything as it was before.
        """
        return await self._integrate("merge", "--quiet", "--no-verify", "-m", message, other, identity=identity)

    async def push(self, branch: str = "", *, lease: str | None = None, force: bool = False) -> str:
        """Push HEAD to `branch`, by default the one it was taken from; returns the ID of what was pushed.

        See `Push` for `lease` and `force` and `push` for the errors. Raises Permanent when no branch is known.
        """
        target = branch or self.branch
        if not target:
            raise Permanent(
                "A tag or commit is checked out, so there is no branch to push to", advice="Set targetBranch"
            )
        head = await self.head()
        await push(self.mirror, Push(head, target, lease, force))
        return head

    async def follow(self, commit: str, identity: Identity) -> None:
        """Make `commit`, which holds the changes of HEAD, the one that is checked out; what is not committed stays.

        Where that cannot be, everything stays as it is.
        """
        head = await self.head()
        if commit == head:
            return
        trees = await self._run("rev-parse", f"{head}^{{tree}}", f"{commit}^{{tree}}")
        if len(set(trees.text.split())) == 1:
            self._set_head(commit)
            return
        with contextlib.suppress(MergeConflict, Permanent):
            # On top of `commit` nothing is left of commits with the same changes.
            await self.rebase(commit, identity)

    async def reset(self, to: str) -> None:
        """Make the tree exactly that of the commit `to`, whatever happened: no other file, no half-done operation."""
        await asyncio.to_thread(_clean_up, self.git_dir)
        await self.lfs.forget()
        self._set_head(to)
        await self._run("reset", "--hard", "--quiet", to)
        await self._run("clean", "-ffdxq")
        await self.index.links()

    def _set_head(self, commit: str) -> None:
        draft = self.git_dir / "HEAD.new"
        draft.write_text(f"{commit}\n")
        draft.replace(self.git_dir / "HEAD")

    async def _integrate(self, command: str, *args: str, identity: Identity) -> str:
        await self.lfs.empty()
        extra = Extra(environment=identity.environment(), once=True)
        try:
            async with signed_by(identity, extra) as ready:
                await self._run(command, *args, extra=ready)
        except ArgosyError as error:
            states = {"rebase": ("rebase-merge", "rebase-apply"), "merge": ("MERGE_HEAD",)}
            if not any((self.git_dir / state).exists() for state in states[command]):
                if self.mirror.blobless:  # a merge deletes what it will before it fetches what it lacks
                    await self._run("checkout-index", "--all", "--quiet", extra=Extra(accept=(0, 1, 128)))
                raise
            conflicts = (await self._run("diff", "--name-only", "--diff-filter=U", "-z")).text.strip("\0")
            await self._run(command, "--abort")
            if not conflicts:
                raise
            files = ", ".join(conflicts.split("\0")[:10])
            raise MergeConflict(
                f"The remote branch of {self.url} changed the same lines: {files}",
                advice="Resolve the conflict in the repository, then promote again",
            ) from error
        return await self.head()

    @property
    def index(self) -> GitIndex:
        """What is staged in it."""
        return GitIndex(self._run, self.path, self.git_dir)

    @property
    def lfs(self) -> LfsFiles:
        """Its files that Git LFS keeps."""
        return LfsFiles(self._run, self.path, self.git_dir)

    @property
    def place(self) -> Place:
        """Where its git commands work."""
        return Place(self.git_dir, self.path, (*self.mirror.place.config, *(_SPARSE if self.sparse else ())))

    async def _run(self, *args: str, extra: Extra | None = None) -> Answer:
        return await self.mirror.read(*args, extra=extra, place=self.place)


def clean_message(message: str) -> str:
    """As `git commit -m` does: no spaces at line ends, no empty lines at either end, none doubled; one line end."""
    lines = "\n".join(line.rstrip() for line in message.replace("\0", "").splitlines())
    text = re.sub(r"\n{3,}", "\n\n", lines).strip("\n")
    return f"{text}\n" if text.strip() else ""


def _clean_up(git_dir: Path) -> None:
    """Delete what an interrupted command left in a Git directory: locks, and states of a merge or rebase."""
    for path in git_dir.iterdir():
        if path.name in _LASTING:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
