"""Freight put together from what a Warehouse has discovered: the newest of everything, or what somebody chose."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from argosy.errors import Invalid, Problem
from argosy.resources.artifact import ArtifactReference, Chart, FreightOrigin, GitCommit, Image
from argosy.resources.discovery import (
    ChartDiscoveryResult,
    DiscoveredArtifacts,
    DiscoveryResult,
    GitDiscoveryResult,
    ImageDiscoveryResult,
)
from argosy.resources.freight import FreightReference
from argosy.rules.git_url import normalize as normalize_git
from argosy.rules.image_url import normalize as normalize_image

Artifact: TypeAlias = GitCommit | Image | Chart | ArtifactReference

LEAST_PREFIX = 4  # characters of a commit ID or digest, as in Git
_SHOWN = 5  # versions that an error lists


@dataclass(frozen=True, slots=True)
class Candidate:
    """An artifact that was discovered, and what people call it: `names` in full, `hashes` also by their beginning."""

    artifact: Artifact
    names: tuple[str, ...]
    hashes: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The best of its names, short."""
        named = next(filter(None, self.names), "")
        return named or next((each[:12] for each in self.hashes), "")

    def is_called(self, word: str) -> bool:
        if word in self.names or word in self.hashes:
            return True
        return len(word) >= LEAST_PREFIX and any(each.startswith(word) for each in self.hashes)


@dataclass(frozen=True, slots=True)
class Choice:
    """What one subscription has discovered, newest first.

    Attributes:
        kind: `git`, `image`, `chart`, or `other`.
        place: the repository, a chart's name after it; the subscription's name for other artifacts.
        subscription: the subscription's name, if it has one.
    """

    kind: str
    place: str
    subscription: str
    candidates: tuple[Candidate, ...]

    def is_called(self, word: str) -> bool:
        """Whether `word` names the repository in full, or is the subscription's name."""
        return word in (self.place, self.subscription) or self._written(word) == self._written(self.place)

    def ends_with(self, word: str) -> bool:
        """Whether `word` is the end of the repository's path."""
        return self._written(self.place).endswith(f"/{word.lower().removesuffix('.git')}")

    def pick(self, word: str) -> list[Candidate]:
        """The candidates that `word` means; those it names in full go before those it begins."""
        exact = [each for each in self.candidates if word in each.names or word in each.hashes]
        return exact or [each for each in self.candidates if each.is_called(word)]

    def _written(self, url: str) -> str:
        if self.kind == "git":
            return normalize_git(url)
        return normalize_image(url.removeprefix("oci://")) if self.kind in ("image", "chart") else url


def choices(found: DiscoveredArtifacts) -> list[Choice]:
    """Everything that was discovered, a Choice for each subscription."""
    return [
        *(Choice("git", each.repo_url, each.subscription_name, tuple(_commits(each))) for each in found.git),
        *(Choice("image", each.repo_url, each.subscription_name, tuple(_images(each))) for each in found.images),
        *(Choice("chart", _chart(each), each.subscription_name, tuple(_charts(each))) for each in found.charts),
        *(Choice("other", each.name, each.name, tuple(_others(each))) for each in found.results),
    ]


def newest(warehouse: str, found: DiscoveredArtifacts) -> FreightReference:
    """The newest of everything; its name is not set. Each subscription must have discovered something."""
    return _freight(warehouse, (each.candidates[0].artifact for each in choices(found)))


def assembled(warehouse: str, found: DiscoveredArtifacts, wishes: Sequence[tuple[str, str]]) -> FreightReference:
    """What the wishes say, and the newest of all else; its name is not set.

    Args:
        warehouse: the name of the Warehouse that has discovered `found`.
        wishes: repositories and versions. A repository is its URL, the end of it, or a subscription's name. A version
            is a tag, a digest, a commit's ID or the beginning of one, or a chart's version.

    Raises:
        Invalid: with every wish that cannot be met, and every subscription that has discovered nothing.
    """
    offered = choices(found)
    problems: list[Problem] = []
    chosen: dict[int, Artifact] = {}
    for place, version in wishes:
        index = _subscription(offered, place, problems)
        if index is None:
            continue
        if index in chosen:
            problems.append(Problem(f"{place!r} is chosen twice; Freight holds one version of each"))
        elif (candidate := _version(offered[index], version, problems)) is not None:
            chosen[index] = candidate.artifact
    for index, each in enumerate(offered):
        if not each.candidates:
            problems.append(Problem(f"nothing was discovered for {each.place!r}"))
        elif index not in chosen:
            chosen[index] = each.candidates[0].artifact
    if problems or not offered:
        advice = f"`argosy create freight --warehouse {warehouse} --list` lists what was discovered."
        raise Invalid(f"no Freight can be made of what Warehouse {warehouse!r} has discovered", problems, advice=advice)
    return _freight(warehouse, (chosen[index] for index in range(len(offered))))


def _subscription(offered: Sequence[Choice], word: str, problems: list[Problem]) -> int | None:
    """The index of the one that is meant."""
    named = [index for index, each in enumerate(offered) if each.is_called(word)]
    meant = named or [index for index, each in enumerate(offered) if each.ends_with(word)]
    if len(meant) == 1:
        return meant[0]
    places = [each.place for each in offered]
    if meant:
        listed = ", ".join(places[index] for index in meant)
        problems.append(Problem(f"{word!r} may mean any of {listed}; write more of it, or name the subscription"))
    else:
        problems.append(Problem(f"no subscription is to {word!r}", advice=_near(word, places)))
    return None


def _version(choice: Choice, word: str, problems: list[Problem]) -> Candidate | None:
    meant = choice.pick(word)
    if len(meant) == 1:
        return meant[0]
    if meant:
        listed = ", ".join(each.label for each in meant[:_SHOWN])
        problems.append(Problem(f"{word!r} of {choice.place} may mean any of {listed}; write more of it"))
    else:
        newer = ", ".join(each.label for each in choice.candidates[:_SHOWN])
        more = ", ..." if len(choice.candidates) > _SHOWN else ""
        told = f"; newest first there is {newer}{more}" if newer else ""
        problems.append(Problem(f"{word!r} of {choice.place} was not discovered{told}"))
    return None


def _near(word: str, places: Sequence[str]) -> str:
    ends = {place.rpartition("/")[2]: place for place in places}
    near = difflib.get_close_matches(word, [*places, *ends], 1)
    return f"Did you mean {ends.get(near[0], near[0])!r}?" if near else f"There are {', '.join(places)}."


def _freight(warehouse: str, artifacts: Iterable[Artifact]) -> FreightReference:
    listed = list(artifacts)
    return FreightReference(
        origin=FreightOrigin(kind="Warehouse", name=warehouse),
        commits=tuple(each for each in listed if isinstance(each, GitCommit)),
        images=tuple(each for each in listed if isinstance(each, Image)),
        charts=tuple(each for each in listed if isinstance(each, Chart)),
        artifacts=tuple(each for each in listed if isinstance(each, ArtifactReference)),
    )


def _commits(found: GitDiscoveryResult) -> Iterator[Candidate]:
    for each in found.commits:
        commit = GitCommit(
            repo_url=found.repo_url,
            id=each.id,
            branch=each.branch,
            tag=each.tag,
            message=each.subject,
            author=each.author,
            committer=each.committer,
            subscription_name=found.subscription_name,
        )
        yield Candidate(commit, (each.tag,) if each.tag else (), (each.id,))


def _images(found: ImageDiscoveryResult) -> Iterator[Candidate]:
    for each in found.references:
        image = Image(
            repo_url=found.repo_url,
            tag=each.tag,
            digest=each.digest,
            annotations=each.annotations,
            subscription_name=found.subscription_name,
        )
        yield Candidate(image, (each.tag,), (each.digest, each.digest.partition(":")[2]))


def _charts(found: ChartDiscoveryResult) -> Iterator[Candidate]:
    for version in found.versions:
        chart = Chart(
            repo_url=found.repo_url, name=found.name, version=version, subscription_name=found.subscription_name
        )
        yield Candidate(chart, (version,))


def _chart(found: ChartDiscoveryResult) -> str:
    return "/".join(part for part in (found.repo_url.rstrip("/"), found.name) if part)


def _others(found: DiscoveryResult) -> Iterator[Candidate]:
    yield from (Candidate(each, (each.version,)) for each in found.artifact_references)
