"""Promotion windows: times at which promotions are allowed or forbidden. Kept and served, not acted on."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, StrictBool

from argosy.resources.meta import Model, Time
from argosy.resources.names import KUBERNETES_NAME
from argosy.resources.selector import NameSelector


class PromotionWindow(Model):
    """A time, once or repeated, at which promotions are allowed or forbidden."""

    name: str = Field(min_length=1, max_length=253, pattern=KUBERNETES_NAME, description="Name, unique in the list.")
    stage_selector: NameSelector | None = Field(None, description="Stages it applies to; all when absent.")
    project_selector: NameSelector | None = Field(
        None, description="Projects it applies to, in a ClusterConfig only; all when absent."
    )
    kind: Literal["Allow", "Deny"] = Field(description="Whether promotions are allowed or forbidden at that time.")
    rrule: str = Field("", description="How it repeats, as in RFC 5545, such as `FREQ=DAILY`; once when absent.")
    dtstart: str = Field("", description="Its start, such as `TZID=Europe/Berlin:20260101T090000`.")
    dtend: str = Field("", description="Its end, written as the start is.")


class PromotionWindowStatus(Model):
    """Whether promotion windows allow promotions now."""

    closed: StrictBool = Field(description="Whether promotions are forbidden now.")
    reason: str = Field("", description="Why they are forbidden.")
    next_open: Time | None = Field(None, description="When they are allowed again, where that is known.")
    next_close: Time | None = Field(None, description="When they are forbidden next, where that is known.")
    next_close_reason: str = Field("", description="Why they will be forbidden then.")
