"""ClusterAnalysisTemplate (argoproj.io): measurements for the Stages of all Projects. Kept and served."""

from __future__ import annotations

from pydantic import Field

from argosy.resources.analysis_template import AnalysisTemplateSpec
from argosy.resources.meta import Resource


class ClusterAnalysisTemplate(Resource):
    """Measurements that verifications of all Projects can name."""

    spec: AnalysisTemplateSpec = Field(description="What to measure.")
