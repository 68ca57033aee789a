"""Which commits of a repository a Git subscription is about. Behaviour follows Kargo's `pkg/controller/git/commit`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from argosy.errors import Permanent
from argosy.resources.discovery import DiscoveredCommit
from argosy.resources.warehouse import GitSubscription
from argosy.rules.pattern import path_matcher, regular_expression
from argosy.rules.versions import Constraint, Version

_LONGEST_SUBJECT = 80


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as the walk along first parents sees it.

    Attributes:
        parent: the first parent; empty for a root commit.
        date: when it was committed, in UTC.
        author, committer: `Name <email>`.
        paths: what changed against the first parent; of a moved file both its old and its new path.
    """

    id: str
    parent: str
    date: datetime
    author: str
    committer: str
    subject: str
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag and the commit it leads to.

    Attributes:
        date: the tagger's for an annotated tag, else the committer's.
        tagger, annotation: `Name <email>` and first line of an annotated tag; empty for another.
    """

    name: str
    commit: str
    date: datetime
    author: str
    committer: str
    subject: str
    tagger: str = ""
    annotation: str = ""


@dataclass(frozen=True, slots=True)
class PathFilter:
    """Which commits count by what they change."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.include or self.exclude)

    def judge(self) -> Callable[[Iterable[str]], bool]:
        """A function that tells whether any of a commit's paths is included and not excluded. Raises Invalid."""
        include = [path_matcher(pattern) for pattern in self.include]
        exclude = [path_matcher(pattern) for pattern in self.exclude]

        def counts(path: str) -> bool:
            if include and not any(matches(path) for matches in include):
                return False
            return not any(matches(path) for matches in exclude)

        return lambda paths: any(counts(path) for path in paths)


def check_supported(subscription: GitSubscription) -> None:
    """Raises Permanent for fields that discovery refuses."""
    if subscription.allow_tags:
        raise Permanent("allowTags is no longer supported", advice="Use allowTagsRegexes, a list, instead")
    if subscription.ignore_tags:
        raise Permanent("ignoreTags is no longer supported", advice="Use ignoreTagsRegexes, a list, instead")


def choose_tags(subscription: GitSubscription, tags: Sequence[Tag]) -> list[Tag]:
    """The tags whose names count, best first; paths and the discovery limit are not looked at. Raises Invalid."""
    allow = [regular_expression(pattern) for pattern in subscription.allow_tags_regexes]
    ignore = [regular_expression(pattern) for pattern in subscription.ignore_tags_regexes]
    named = [
        tag
        for tag in tags
        if not any(matches(tag.name) for matches in ignore)
        and (not allow or any(matches(tag.name) for matches in allow))
    ]
    match subscription.commit_selection_strategy:
        case "SemVer":
            return _by_version(subscription, named)
        case "Lexical":
            return sorted(named, key=lambda tag: tag.name.encode(), reverse=True)
        case _:
            return sorted(named, key=lambda tag: (-tag.date.timestamp(), tag.name.encode()))


def _by_version(subscription: GitSubscription, tags: Sequence[Tag]) -> list[Tag]:
    constraint = Constraint.parse(subscription.semver_constraint) if subscription.semver_constraint else None
    versions = [(Version.find(tag.name, subscription.strict_semvers), tag) for tag in tags]
    allowed = [
        (version, tag)
        for version, tag in versions
        if version is not None and (constraint is None or constraint.allows(version))
    ]
    allowed.sort(key=lambda pair: pair[0], reverse=True)
    return [tag for _, tag in allowed]


def from_branch(commit: Commit, branch: str) -> DiscoveredCommit:
    """What the Warehouse's status says of a commit on a branch; `branch` as the subscription names it."""
    return DiscoveredCommit(
        id=commit.id,
        branch=branch,
        subject=_shorten(commit.subject),
        author=commit.author,
        committer=commit.committer,
        creator_date=commit.date,
    )


def from_tag(tag: Tag) -> DiscoveredCommit:
    """What the Warehouse's status says of a tagged commit."""
    return DiscoveredCommit(
        id=tag.commit,
        tag=tag.name,
        subject=_shorten(tag.subject),
        author=tag.author,
        committer=tag.committer,
        creator_date=tag.date,
    )


def _shorten(subject: str) -> str:
    return subject if len(subject) <= _LONGEST_SUBJECT else f"{subject[: _LONGEST_SUBJECT - 3]}..."
