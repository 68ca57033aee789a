"""Obstacles: why something does not happen, as the rules that decide find it; `rules.explain` puts it into words.

A decision is the absence of obstacles, so that what is explained and what is done cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

NEVER = float("inf")


class Code(StrEnum):
    """What stands in the way. Programs may rely on these words."""

    # Whether Freight may be promoted to a Stage.
    OTHER_PROJECT = "OtherProject"
    NOT_REQUESTED = "NotRequested"
    NO_SOURCE = "NoSource"
    NOT_YET_UPSTREAM = "NotYetUpstream"
    NOT_VERIFIED_UPSTREAM = "NotVerifiedUpstream"
    SOAKING = "Soaking"
    SOAK_CUT_SHORT = "SoakCutShort"
    UPSTREAM_MISSING = "UpstreamMissing"
    # Whether a Stage may be promoted to at all.
    NO_STEPS = "NoSteps"
    GOVERNS_TARGETS = "GovernsTargets"
    STEPS_UNUSABLE = "StepsUnusable"
    # Whether auto-promotion takes Freight that may be promoted.
    AUTO_PROMOTION_OFF = "AutoPromotionOff"
    HELD = "Held"
    NEWER_AVAILABLE = "NewerAvailable"
    NEWER_NOT_UNDERSTOOD = "NewerNotUnderstood"
    NOT_USED_UPSTREAM = "NotUsedUpstream"
    UPSTREAM_IN_TRANSITION = "UpstreamInTransition"
    ALREADY_THERE = "AlreadyThere"
    UNDER_WAY = "UnderWay"
    JUST_PROMOTED = "JustPromoted"
    LAST_TRY_FAILED = "LastTryFailed"
    # Whether a Promotion that was made may begin.
    PROMOTION_RUNS = "PromotionRuns"
    OTHERS_BEFORE = "OthersBefore"
    BEING_VERIFIED = "BeingVerified"
    TO_BE_VERIFIED = "ToBeVerified"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing in the way.

    Attributes:
        code: what it is.
        about: the name of what it comes from: a Stage, Freight, a Promotion, or words that say more.
        left: seconds until time alone takes it away; NEVER when it does not.
        more: a second name, where one is not enough.
    """

    code: Code
    about: str = ""
    left: float = NEVER
    more: str = ""
