"""Git discovery: which commits of a mirrored repository a subscription offers for Freight.

Every Warehouse on a repository shares the mirror's refresh, its history and its tags. What a path filter chose is kept
per branch, so that after a push only the new commits are looked at, not the whole history.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

from argosy.clock import Clock, SystemClock
from argosy.errors import NotFound
from argosy.resources.discovery import DiscoveredCommit, GitDiscoveryRefs, GitDiscoveryResult
from argosy.resources.warehouse import GitSubscription
from argosy.rules.commit import (
    Commit,
    PathFilter,
    Tag,
    check_supported,
    choose_tags,
    from_branch,
    from_tag,
)
from argosy.rules.commit_filter import Judge, commit_filter, depends_on_time
from argosy.sources.mirror import Mirror

_KEPT = 10_000
_BREATH = 500


@dataclass(frozen=True, slots=True)
class _Question:
    """What a choice of commits depends on besides the tip of the branch."""

    mirror: str
    branch: str
    paths: PathFilter
    filter: str
    since: datetime | None
    limit: int


@dataclass(frozen=True, slots=True)
class _Choice:
    tip: str
    commits: tuple[Commit, ...]


@dataclass
class GitDiscovery:
    """Discovers commits. One instance serves the process: it remembers what it chose."""

    clock: Clock = field(default_factory=SystemClock)
    _choices: OrderedDict[_Question, _Choice] = field(default_factory=OrderedDict, init=False, repr=False)

    async def discover(
        self, subscription: GitSubscription, mirror: Mirror, *, name: str = "", max_age: float = 0.0
    ) -> GitDiscoveryResult:
        """Look at the repository and choose.

        Args:
            subscription: with its defaults filled in.
            mirror: the repository, seen with the subscription's login.
            name: of the subscription, if it has one.
            max_age: a look at the server at most this many seconds old will do.

        Raises:
            Permanent: the subscription uses what is not supported, the repository is not there, the login is refused.
            Invalid: a pattern or constraint cannot be read.
            NotFound: there is no such branch.
            Temporary: the server cannot be reached now.
        """
        check_supported(subscription)
        refs = await mirror.refresh(max_age=max_age)
        if subscription.commit_selection_strategy == "NewestFromBranch":
            branch = subscription.branch or refs.default_branch
            tip = refs.branches.get(branch)
            if tip is None:
                raise NotFound(
                    f"{subscription.repo_url} has no {f'branch {branch}' if branch else 'default branch'}",
                    advice="Check `branch` of the subscription, and that something was pushed",
                )
            commits = [
                from_branch(commit, subscription.branch) for commit in await self._walk(subscription, mirror, tip)
            ]
            observed = GitDiscoveryRefs(branch_head=tip)
        else:
            tags = choose_tags(subscription, await mirror.history.tags(refs.tags))
            passes = commit_filter(subscription.expression_filter, self.clock.now())
            commits = await _tagged(subscription, mirror, tags, passes)
            observed = GitDiscoveryRefs()
        return GitDiscoveryResult(
            repo_url=subscription.repo_url,
            commits=tuple(commits),
            subscription_name=name,
            observed_refs=observed,
        )

    async def _walk(self, subscription: GitSubscription, mirror: Mirror, tip: str) -> tuple[Commit, ...]:
        paths = PathFilter(subscription.include_paths, subscription.exclude_paths)
        limit, since = subscription.discovery_limit, subscription.since
        wanted = subscription.expression_filter
        question = _Question(mirror.key, subscription.branch, paths, wanted, since, limit)
        known = None if depends_on_time(wanted) else self._choices.get(question)
        counts, passes = paths.judge(), commit_filter(wanted, self.clock.now())
        chosen: list[Commit] = []
        seen = 0
        async for commit in mirror.history.walk(tip):
            if known is not None and commit.id == known.tip:
                chosen += known.commits
                break
            if since is not None and commit.date < since:
                break
            if passes(commit) and (not paths or counts(commit.paths)):
                chosen.append(commit)
            if len(chosen) >= limit:
                break
            seen += 1
            if seen % _BREATH == 0:
                await asyncio.sleep(0)
        choice = _Choice(tip, tuple(chosen[:limit]))
        self._choices[question] = choice
        self._choices.move_to_end(question)
        while len(self._choices) > _KEPT:
            self._choices.popitem(last=False)
        return choice.commits


async def _tagged(
    subscription: GitSubscription, mirror: Mirror, tags: list[Tag], passes: Judge
) -> list[DiscoveredCommit]:
    """The first tags that pass the expression, and whose commits pass the path filter, as many as the limit allows."""
    limit = subscription.discovery_limit
    paths = PathFilter(subscription.include_paths, subscription.exclude_paths)
    counts = paths.judge()
    chosen: list[DiscoveredCommit] = []
    for start in range(0, len(tags), _BREATH):
        batch = [tag for tag in tags[start : start + _BREATH] if passes(tag)]
        if paths:
            commits = await mirror.history.commits(tag.commit for tag in batch)
            batch = [tag for tag in batch if counts(commits[tag.commit].paths)]
        chosen += map(from_tag, batch)
        if len(chosen) >= limit:
            break
        await asyncio.sleep(0)
    return chosen[:limit]
