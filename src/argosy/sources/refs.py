"""Refs: what a server said it has, and which of it to fetch. Pure."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from argosy.errors import Permanent

BRANCH, TAG = "refs/heads/", "refs/tags/"
BRANCHES, TAGS = "refs/remotes/origin/", "refs/remotes/tags/"
_MANY = 500
_NO_NAME = re.compile(r"^$|^[-/.@]$|^-|^/|/$|//|\.\.|@\{|(^|/)\.|\.$|\.lock(/|$)|[\x00-\x20\x7f~^:?*\[\\]")
_COMMIT, _WHOLE = re.compile(r"[0-9a-f]{4,40}", re.IGNORECASE), 40


@dataclass(frozen=True, slots=True)
class Refs:
    """Branches and tags of a repository: name to object ID (for an annotated tag that of the tag itself)."""

    branches: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    default_branch: str = ""

    def with_branch(self, name: str, commit: str) -> Refs:
        return replace(self, branches={**self.branches, name: commit})

    def with_tag(self, name: str, tag: str) -> Refs:
        return replace(self, tags={**self.tags, name: tag})

    def without_branch(self, name: str) -> Refs:
        return replace(self, branches={branch: commit for branch, commit in self.branches.items() if branch != name})


@dataclass(frozen=True, slots=True)
class FetchPlan:
    """What a mirror lacks: `refspecs` to fetch, local refs that are `gone` from the server."""

    refspecs: list[str]
    gone: list[str]

    @property
    def is_large(self) -> bool:
        """Whether the refs are worth packing afterwards."""
        return len(self.refspecs) + len(self.gone) > _MANY


def check_branch(name: str) -> None:
    """Raises Permanent for what Git does not allow as a branch name; such names could mean other refs."""
    _check(name, "branch", BRANCH)


def check_tag(name: str) -> None:
    """Raises Permanent for what Git does not allow as the name of a tag."""
    _check(name, "tag", TAG)


def _check(name: str, kind: str, prefix: str) -> None:
    if not is_name(name) or len(name) > 255:
        raise Permanent(f"{name!r} is no name of a {kind}", advice="Use letters, digits, `-`, `_`, `.` and `/`")
    # Git would make `refs/heads/refs/heads/main`, and a branch that every later use of HEAD is doubtful about.
    if name == "HEAD" or name.startswith("refs/"):
        raise Permanent(f"{name!r} is no name of a {kind}", advice=f"Give its short name, without {prefix}")


def is_name(name: str) -> bool:
    """Whether Git allows `name` for a branch or tag: any other could be more than a name where Git reads it."""
    return _NO_NAME.search(name) is None


def is_commit(text: str) -> bool:
    """Whether `text` has the form of a commit ID, whole or short."""
    return _COMMIT.fullmatch(text) is not None


def is_whole_commit(text: str) -> bool:
    """Whether `text` has the form of a whole commit ID, so that no server need be asked which commit it means."""
    return is_commit(text) and len(text) == _WHOLE


def parse_refs(output: bytes) -> Refs:
    """Read the output of `git ls-remote --symref`. Refs other than branches and tags are left out.

    So are those whose names are not UTF-8: nobody could name them in a manifest.
    """
    branches, tags, default = {}, {}, ""
    for line in _lines(output):
        left, _, ref = line.partition("\t")
        if left.startswith("ref: ") and ref == "HEAD":
            default = left.removeprefix("ref: ").removeprefix(BRANCH)
        elif ref.startswith(BRANCH):
            branches[ref.removeprefix(BRANCH)] = left
        elif ref.startswith(TAG) and not ref.endswith("^{}"):
            tags[ref.removeprefix(TAG)] = left
    # Without a symbolic HEAD (it is detached, or names no branch) guess as people do.
    usual = [name for name in (default, "main", "master") if name in branches]
    return Refs(branches, tags, usual[0] if usual else "")


def parse_local(output: bytes) -> dict[str, str]:
    """Read `for-each-ref --format=%(objectname) %(refname)`: ref to object ID."""
    pairs = (line.split(" ", 1) for line in _lines(output))
    return {ref: commit for commit, ref in pairs}


def _lines(output: bytes) -> Iterator[str]:
    """Lines that are UTF-8. Names may hold what Python, unlike Git, takes for line ends."""
    for line in output.split(b"\n"):
        with contextlib.suppress(UnicodeDecodeError):
            if line:
                yield line.decode()


def plan_fetch(server: Refs, local: Mapping[str, str]) -> FetchPlan:
    """Compare the server's refs with the mirror's (`refs/remotes/...` to object ID)."""
    wanted = {
        **{f"{BRANCHES}{name}": (f"{BRANCH}{name}", commit) for name, commit in server.branches.items()},
        **{f"{TAGS}{name}": (f"{TAG}{name}", commit) for name, commit in server.tags.items()},
    }
    refspecs = [f"+{source}:{ref}" for ref, (source, commit) in wanted.items() if local.get(ref) != commit]
    return FetchPlan(refspecs, [ref for ref in local if ref not in wanted])
