"""AnalysisRun (argoproj.io): measurements being taken. Kept and served."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field, StrictBool

from argosy.resources.analysis_template import AnalysisArgument, Metric
from argosy.resources.meta import Json, Model, Resource, Time


class AnalysisRunSpec(Model):
    """What is measured."""

    metrics: tuple[Metric, ...] = Field(description="The measurements.")
    args: tuple[AnalysisArgument, ...] = Field((), description="Parameters with their values.")
    terminate: StrictBool = Field(False, description="Whether to stop.")
    dry_run: tuple[dict[str, Json], ...] = Field((), description="Metrics whose result does not count.")
    measurement_retention: tuple[dict[str, Json], ...] = Field((), description="How many measurements to keep.")
    ttl_strategy: dict[str, Json] | None = Field(None, description="When the run may be removed.")


class AnalysisRunStatus(Model):
    """What was measured so far."""

    phase: str = Field("", description="Pending, Running, Successful, Failed, Error or Inconclusive.")
    message: str = Field("", description="Why it is in this phase.")
    metric_results: tuple[dict[str, Json], ...] = Field((), description="Measurements by metric.")
    started_at: Time | None = Field(None, description="When it began.")
    completed_at: Time | None = Field(None, description="When it ended.")
    run_summary: dict[str, Json] | None = Field(None, description="Figures about metrics that count.")
    dry_run_summary: dict[str, Json] | None = Field(None, description="Figures about metrics that do not count.")


class AnalysisRun(Resource):
    """Measurements being taken to verify a Stage."""

    spec: AnalysisRunSpec = Field(description="What is measured.")
    status: AnalysisRunStatus = Field(default_factory=AnalysisRunStatus, description="What was measured so far.")

    STATUS_OWNERS: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("phase", "message", "metricResults", "startedAt", "completedAt", "runSummary", "dryRunSummary"), "analysis_run"
    )
