"""Refs: what a server said it has, and which of it to fetch. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from argosy.errors import Permanent

BRANCH, TAG = "refs/heads/", "refs/tags/"
BRANCHES, TAGS = "refs/remotes/origin/", "refs/remotes/tags/"
_MANY = 500
_NO_BRANCH = re.compile(r"^$|^[-/.@]$|^-|^/|/$|//|\.\.|@\{|(^|/)\.|\.$|\.lock(/|$)|[\x00-\x20\x7f~^:?*\[\\]")


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
    if _NO_BRANCH.search(name) or len(name) > 255:
        raise Permanent(f"{name!r} is no name of a branch", advice="Use letters, digits, `-`, `_`, `.` and `/`")


def check_tag(name: str) -> None:
    """Raises Permanent for what Git does not allow as the name of a tag."""
    if _NO_BRANCH.search(name) or len(name) > 255:
        raise Permanent(f"{name!r} is no name of a tag", advice="Use letters, digits, `-`, `_`, `.` and `/`")


def parse_refs(output: bytes) -> Refs:
    """Read the output of `git ls-remote --symref`. Refs other than branches and tags are left out."""
    branches, tags, default = {}, {}, ""
    for line in output.decode(errors="replace").splitlines():
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


def plan_fetch(server: Refs, local: Mapping[str, str]) -> FetchPlan:
    """Compare the server's refs with the mirror's (`refs/remotes/...` to object ID)."""
    wanted = {
        **{f"{BRANCHES}{name}": (f"{BRANCH}{name}", commit) for name, commit in server.branches.items()},
        **{f"{TAGS}{name}": (f"{TAG}{name}", commit) for name, commit in server.tags.items()},
    }
    refspecs = [f"+{source}:{ref}" for ref, (source, commit) in wanted.items() if local.get(ref) != commit]
    return FetchPlan(refspecs, [ref for ref in local if ref not in wanted])
