"""Integration before a push: when commits may be rebased without giving a wrong impression of who signed them.

As in Kargo (`pkg/controller/git/remote_commit_integration.go`): a rebase makes commits anew, so it strips signatures
or, where a key is configured, signs everything with that key.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Integration(StrEnum):
    """What the operator wants done with commits that are new on the branch. Values as in Kargo."""

    ALWAYS_REBASE = "AlwaysRebase"
    REBASE_OR_MERGE = "RebaseOrMerge"
    REBASE_OR_FAIL = "RebaseOrFail"
    ALWAYS_MERGE = "AlwaysMerge"


class Signature(StrEnum):
    """Whether a commit is signed: not at all, with the key that we sign with, or otherwise (bad ones count, too)."""

    NONE = "none"
    OURS = "ours"
    OTHER = "other"


class Way(StrEnum):
    """How commits are integrated."""

    REBASE = "rebase"
    MERGE = "merge"
    REFUSE = "refuse"


def needs_signatures(policy: Integration) -> bool:
    """Whether `way` depends on signatures, so that somebody must look at them."""
    return policy in (Integration.REBASE_OR_MERGE, Integration.REBASE_OR_FAIL)


def way(policy: Integration, commits: Iterable[Signature], *, signing: bool) -> Way:
    """How to integrate, given our commits that the branch lacks, and whether new commits are signed."""
    if policy is Integration.ALWAYS_REBASE:
        return Way.REBASE
    if policy is Integration.ALWAYS_MERGE:
        return Way.MERGE
    safe = Signature.OURS if signing else Signature.NONE
    if all(signature is safe for signature in commits):
        return Way.REBASE
    return Way.REFUSE if policy is Integration.REBASE_OR_FAIL else Way.MERGE
