"""AnalysisTemplate (argoproj.io): measurements that verify a Stage. Kept and served."""

from __future__ import annotations

from pydantic import Field

from argosy.resources.meta import Json, Model, Resource


class AnalysisArgument(Model):
    """A parameter of the measurements."""

    name: str = Field(description="Name; metrics use it as `{{args.<name>}}`.")
    value: str | None = Field(None, description="Value, or default of a template's parameter.")
    value_from: dict[str, Json] | None = Field(None, description="Where the value comes from: a Secret or a field.")


class Metric(Model):
    """One measurement, repeated."""

    name: str = Field(description="Name of the metric.")
    provider: dict[str, Json] = Field(description="Who measures: prometheus, web, job and others, one of them.")
    interval: str = Field("", description="Time between two measurements.")
    initial_delay: str = Field("", description="Time before the first measurement.")
    count: Json = Field(None, description="How many measurements to take.")
    success_condition: str = Field("", description="Expression that is true for a good measurement.")
    failure_condition: str = Field("", description="Expression that is true for a bad measurement.")
    failure_limit: Json = Field(None, description="How many bad measurements are tolerated.")
    inconclusive_limit: Json = Field(None, description="How many undecided measurements are tolerated.")
    consecutive_error_limit: Json = Field(None, description="How many errors in a row are tolerated.")
    consecutive_success_limit: Json = Field(None, description="How many good measurements in a row are enough.")


class AnalysisTemplateSpec(Model):
    """What to measure."""

    metrics: tuple[Metric, ...] = Field((), description="The measurements.")
    args: tuple[AnalysisArgument, ...] = Field((), description="Parameters.")
    dry_run: tuple[dict[str, Json], ...] = Field((), description="Metrics whose result does not count.")
    measurement_retention: tuple[dict[str, Json], ...] = Field((), description="How many measurements to keep.")
    templates: tuple[dict[str, Json], ...] = Field((), description="Further templates to take metrics from.")


class AnalysisTemplate(Resource):
    """Measurements that a Stage's verification can name."""

    spec: AnalysisTemplateSpec = Field(description="What to measure.")
