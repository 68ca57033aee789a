"""Verification: what a Stage asks to be checked before its Freight goes on, and the record of such checks."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from argosy.resources.meta import Model, Time


class VerificationPhase(StrEnum):
    """How far a verification has come; the same words as AnalysisRun uses."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCESSFUL = "Successful"
    FAILED = "Failed"
    ERROR = "Error"
    ABORTED = "Aborted"
    INCONCLUSIVE = "Inconclusive"

    @property
    def is_terminal(self) -> bool:
        return self not in (VerificationPhase.PENDING, VerificationPhase.RUNNING)


class AnalysisTemplateReference(Model):
    """Names an AnalysisTemplate or ClusterAnalysisTemplate."""

    name: str = Field(description="Name of the template; an AnalysisTemplate is looked up in the Stage's namespace.")
    kind: Literal["AnalysisTemplate", "ClusterAnalysisTemplate"] | None = Field(
        None, description="Kind of the template; AnalysisTemplate when absent."
    )


class AnalysisRunMetadata(Model):
    """Labels and annotations for every AnalysisRun."""

    labels: dict[str, str] = Field(default_factory=dict, description="Labels to add.")
    annotations: dict[str, str] = Field(default_factory=dict, description="Annotations to add.")


class AnalysisRunArgument(Model):
    """One argument of an AnalysisRun."""

    name: str = Field(description="Name of the argument.")
    value: str = Field(description="Value of the argument; expressions are evaluated.")


class Verification(Model):
    """How to find out whether a Stage's current Freight may go on to the next Stages."""

    analysis_templates: tuple[AnalysisTemplateReference, ...] = Field(
        (), description="Templates from which the AnalysisRun is made."
    )
    analysis_run_metadata: AnalysisRunMetadata | None = Field(
        None, description="Labels and annotations for the AnalysisRun."
    )
    args: tuple[AnalysisRunArgument, ...] = Field((), description="Arguments for the AnalysisRun.")


class AnalysisRunReference(Model):
    """Names an AnalysisRun and tells its last known phase."""

    namespace: str = Field(description="Namespace of the AnalysisRun.")
    name: str = Field(description="Name of the AnalysisRun.")
    phase: str = Field(description="Phase last seen.")


class VerificationInfo(Model):
    """The record of one verification."""

    id: str = Field("", description="Identifies this verification.")
    actor: str = Field("", description="Who started or aborted it, when somebody did.")
    start_time: Time | None = Field(None, description="When it started.")
    phase: str = Field(
        "", description="How far it has come: Pending, Running, Successful, Failed, Error, Aborted or Inconclusive."
    )
    message: str = Field("", description="Why it is in this phase.")
    analysis_run: AnalysisRunReference | None = Field(None, description="The AnalysisRun that does the work, if any.")
    finish_time: Time | None = Field(None, description="When it ended.")

    @property
    def is_terminal(self) -> bool:
        return self.phase in set(VerificationPhase) and VerificationPhase(self.phase).is_terminal
