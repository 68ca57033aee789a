"""AnalysisTemplates and AnalysisRuns over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from argosy.api.answer import Refused
from argosy.api.stream import Stream
from argosy.api.v1beta1.given import Here, Project
from argosy.api.v1beta1.listing import Asked, list_of
from argosy.api.v1beta1.verb import NOTHING, delete, many, one
from argosy.api.v1beta1.watch import STREAM, Watched
from argosy.resources.analysis_run import AnalysisRun
from argosy.resources.analysis_template import AnalysisTemplate
from argosy.resources.cluster_analysis_template import ClusterAnalysisTemplate
from argosy.resources.meta import Key

router = APIRouter(prefix="/v1beta1")

_RUN = "/projects/{project}/analysis-runs/{analysis_run}"
_TEMPLATES = "/projects/{project}/analysis-templates"
_CLUSTER = "/shared/cluster-analysis-templates"
_TAGS, _SHARED = ["Verifications", "Project-Level"], ["Verifications", "Shared", "Cluster-Scoped Resource"]

RunName = Annotated[str, Path(description="Name of the AnalysisRun.")]
TemplateName = Annotated[str, Path(description="Name of the template.")]


@router.get(_RUN, response_model=AnalysisRun, responses=STREAM, tags=[*_TAGS])
async def get_analysis_run(here: Here, project: Project, analysis_run: RunName, watched: Watched) -> Response | Stream:
    """Get an AnalysisRun.

    With `watch`, a stream of its changes.
    """
    return await one(here, Key("AnalysisRun", project, analysis_run), watched)


@router.get(f"{_RUN}/logs", response_class=Response, responses=STREAM, tags=[*_TAGS])
async def get_analysis_run_logs(
    here: Here,
    project: Project,
    analysis_run: RunName,
    metric: Annotated[str, Query(alias="metricName", description="Of which metric.")] = "",
    container: Annotated[str, Query(alias="containerName", description="Of which container.")] = "",
) -> Response:
    """Get the log of an AnalysisRun.

    Of the Job of one of its metrics. No place to read logs from can be told to this server yet, so that it refuses.
    """
    await here.backend.store.get(Key("AnalysisRun", project, analysis_run))
    raise Refused(
        501, "AnalysisRun log streaming is not configured", advice="Look at the Job's Pod with `kubectl logs`."
    )


@router.get(_TEMPLATES, response_model=list_of("AnalysisTemplate"), responses=STREAM, tags=[*_TAGS])
async def list_analysis_templates(here: Here, project: Project, asked: Asked, watched: Watched) -> Response | Stream:
    """List AnalysisTemplates.

    The AnalysisTemplates of a Project by name; with `watch`, a stream of their changes.
    """
    return await many(here, asked.query("AnalysisTemplate", project), asked, watched)


@router.get(f"{_TEMPLATES}/{{analysis_template}}", response_model=AnalysisTemplate, tags=[*_TAGS])
async def get_analysis_template(here: Here, project: Project, analysis_template: TemplateName) -> Response | Stream:
    """Get an AnalysisTemplate."""
    return await one(here, Key("AnalysisTemplate", project, analysis_template))


@router.delete(f"{_TEMPLATES}/{{analysis_template}}", status_code=NOTHING, tags=[*_TAGS])
async def delete_analysis_template(here: Here, project: Project, analysis_template: TemplateName) -> Response:
    """Delete an AnalysisTemplate."""
    return await delete(here, Key("AnalysisTemplate", project, analysis_template))


@router.get(_CLUSTER, response_model=list_of("ClusterAnalysisTemplate"), responses=STREAM, tags=[*_SHARED])
async def list_cluster_analysis_templates(here: Here, asked: Asked, watched: Watched) -> Response | Stream:
    """List ClusterAnalysisTemplates.

    By name; with `watch`, a stream of their changes.
    """
    return await many(here, asked.query("ClusterAnalysisTemplate"), asked, watched)


@router.get(f"{_CLUSTER}/{{cluster_analysis_template}}", response_model=ClusterAnalysisTemplate, tags=[*_SHARED])
async def get_cluster_analysis_template(here: Here, cluster_analysis_template: TemplateName) -> Response | Stream:
    """Get a ClusterAnalysisTemplate."""
    return await one(here, Key("ClusterAnalysisTemplate", "", cluster_analysis_template))


@router.delete(f"{_CLUSTER}/{{cluster_analysis_template}}", status_code=NOTHING, tags=[*_SHARED])
async def delete_cluster_analysis_template(here: Here, cluster_analysis_template: TemplateName) -> Response:
    """Delete a ClusterAnalysisTemplate."""
    return await delete(here, Key("ClusterAnalysisTemplate", "", cluster_analysis_template))
