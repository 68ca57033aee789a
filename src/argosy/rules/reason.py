"""Reasons: obstacles in words for people, each with what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import ceil
from shlex import quote
from types import MappingProxyType

from pydantic import Field

from argosy.resources.duration import format_duration
from argosy.resources.freight import Freight
from argosy.resources.meta import Model, Time
from argosy.rules.obstacle import NEVER, Code, Obstacle


class Reason(Model):
    """Why something does not happen."""

    code: str = Field(description="What stands in the way, in one word that stays the same.")
    message: str = Field(description="The same as a sentence.")
    advice: str = Field("", description="What to do about it.")
    until: Time | None = Field(None, description="When it passes by itself, where that is known.")


@dataclass(frozen=True, slots=True)
class Place:
    """Whose obstacles they are.

    Attributes:
        missing: names of Stages that are named and do not exist.
        passing: names of Stages that only pass Freight on.
        aliases: how Freight is called, by name.
        freight: the Freight in question by its alias, or by its name when it has none; empty when it is none.
        option: how a command is told that Freight.
    """

    project: str
    stage: str
    missing: frozenset[str] = frozenset()
    passing: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)
    freight: str = ""
    option: str = ""

    def of(self, freight: Freight) -> Place:
        """The same for a piece of Freight."""
        option = f"--freight-alias {quote(freight.alias)}" if freight.alias else f"--freight {quote(freight.name)}"
        return replace(self, freight=freight.alias or freight.name, option=option)


_APPROVE = "`argosy approve --project {project} {option} --stage {stage}`"
_PROMOTE = "`argosy promote --project {project} {option} --stage {stage}`"
_PROMOTE_THERE = "`argosy promote --project {project} {option} --stage {about}`"
_EXPLAIN = "`argosy explain freight {freight} --project {project}`"
_LOGS = "`argosy logs {about} --project {project}`"

WORDS: Mapping[Code, tuple[str, str]] = MappingProxyType(
    {
        Code.OTHER_PROJECT: ("it belongs to Project {about}", "Freight is promoted within its own Project."),
        Code.NOT_REQUESTED: (
            "Stage {stage} asks for no Freight of {about}",
            "Add {about} to the `requestedFreight` of the Stage if it should.",
        ),
        Code.NO_SOURCE: (
            "Stage {stage} says of no Stage that Freight of {about} may come from there, nor that it may come directly",
            f"Name Stages, or `direct: true`, under `sources` of the Stage; {_APPROVE} lets this Freight in.",
        ),
        Code.NOT_YET_UPSTREAM: (
            "it has not been in {about}, where it must be verified first",
            f"{_EXPLAIN} tells why it is not there; {_APPROVE} lets it in all the same.",
        ),
        Code.NOT_VERIFIED_UPSTREAM: (
            "it is in {about}, but has not been verified there yet",
            f"`argosy explain stage {{about}} --project {{project}}` tells what {{about}} waits for; {_APPROVE} lets "
            "it in all the same.",
        ),
        Code.SOAKING: (
            "it must stay in {about} for {more}, {left} of which are left",
            f"Wait until {{until}}; {_APPROVE} lets it in all the same.",
        ),
        Code.SOAK_CUT_SHORT: (
            "it left {about} before it had been there for {more}",
            f"{_PROMOTE_THERE} brings it there again; {_APPROVE} lets it in all the same.",
        ),
        Code.UPSTREAM_MISSING: (
            "it must be verified in {about} first, which does not exist",
            "Create Stage {about}, or name another in the `sources` of Stage {stage}; "
            f"{_APPROVE} lets it in all the same.",
        ),
        Code.NO_STEPS: (
            "Stage {stage!r} defines no promotion steps",
            "It only passes Freight on; promote to the Stages after it.",
        ),
        Code.GOVERNS_TARGETS: (
            "Stage {stage!r} selects Targets, so that it is promoted to by a PromotionRequest",
            "PromotionRequests are kept and not acted on yet; leave out `targets` to promote to the Stage itself.",
        ),
        Code.STEPS_UNUSABLE: ("the steps of Stage {stage} cannot be used: {about}", "{more}"),
        Code.AUTO_PROMOTION_OFF: (
            "auto-promotion is not enabled for Stage {stage}",
            f"{_PROMOTE} brings it there; a policy in the ProjectConfig enables auto-promotion.",
        ),
        Code.HELD: (
            "auto-promotion is held at Freight {about}, which was chosen by hand{by}",
            f"{_PROMOTE} brings this in all the same; promoting what auto-promotion would choose ends the hold.",
        ),
        Code.NEWER_AVAILABLE: (
            "auto-promotion chooses newer Freight, {about}",
            f"{_PROMOTE} brings this in all the same, and holds auto-promotion.",
        ),
        Code.NEWER_NOT_UNDERSTOOD: (
            "newer Freight is not understood, and nothing older is promoted in its place: {about}",
            "Delete that Freight, or mend it.",
        ),
        Code.NOT_USED_UPSTREAM: (
            "auto-promotion takes only what {about} uses now (MatchUpstream)",
            f"{_PROMOTE} brings this in all the same, and holds auto-promotion.",
        ),
        Code.UPSTREAM_IN_TRANSITION: (
            "{about} is between two pieces of Freight, and auto-promotion takes what it uses (MatchUpstream)",
            "It goes on when {about} has settled.",
        ),
        Code.ALREADY_THERE: ("it is in Stage {stage} already", ""),
        Code.UNDER_WAY: ("Promotion {about} is about to bring it", f"{_LOGS} tells how far it is."),
        Code.JUST_PROMOTED: ("Promotion {about} has just brought it", ""),
        Code.LAST_TRY_FAILED: (
            "Promotion {about} of it ended {more}, and auto-promotion tries nothing twice",
            f"{_LOGS} tells why; {_PROMOTE} tries again.",
        ),
        Code.PROMOTION_RUNS: (
            "Promotion {about} runs, and a Stage runs one at a time",
            f"{_LOGS} tells how far it is; `argosy abort {{about}} --project {{project}}` ends it.",
        ),
        Code.OTHERS_BEFORE: (
            "Promotion {about} comes first",
            "`argosy abort {about} --project {project}` takes it out of the queue.",
        ),
        Code.BEING_VERIFIED: (
            "what is in Stage {stage} now is being verified",
            "`argosy verify stage {stage} --abort --project {project}` ends that.",
        ),
        Code.TO_BE_VERIFIED: (
            "what is in Stage {stage} now has not been verified yet, which happens when the Stage is healthy",
            "`argosy describe stage {stage} --project {project}` tells how well it is.",
        ),
    }
)
"""A sentence and advice for each obstacle."""

_PASSING = (
    "it has not passed {about} yet",
    f"{_EXPLAIN} tells what it waits for there; {_APPROVE} lets it in all the same.",
)


def reason_of(obstacle: Obstacle, place: Place, until: datetime | None = None) -> Reason:
    """An obstacle in words. `until` is when it passes by itself."""
    code = obstacle.code
    if code is Code.NOT_YET_UPSTREAM and obstacle.about in place.missing:
        code = Code.UPSTREAM_MISSING
    passing = code is Code.NOT_YET_UPSTREAM and obstacle.about in place.passing
    message, advice = _PASSING if passing else WORDS[code]
    words = {
        "project": place.project,
        "stage": place.stage,
        "freight": place.freight,
        "option": place.option,
        "about": place.aliases.get(obstacle.about) or obstacle.about,
        "more": obstacle.more,
        "by": f" by {obstacle.more}" if obstacle.more else "",
        "left": format_duration(ceil(obstacle.left)) if until is not None else "",
        "until": f"{until:%Y-%m-%d %H:%M:%S} UTC" if until is not None else "",
    }
    # Advice is copied into shells, and some of these names were chosen by strangers.
    quoted = words | {key: quote(words[key]) for key in ("project", "stage", "freight", "about")}
    return Reason(code=code.value, message=message.format(**words), advice=advice.format(**quoted), until=until)


def reasons_of(obstacles: Iterable[Obstacle], place: Place, now: datetime) -> tuple[Reason, ...]:
    """Obstacles in words."""
    return tuple(
        reason_of(each, place, now + timedelta(seconds=ceil(each.left)) if each.left < NEVER else None)
        for each in obstacles
    )
