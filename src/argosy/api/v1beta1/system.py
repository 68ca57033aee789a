"""The server itself over HTTP: its version, what clients should know of its settings, and its controllers."""

from __future__ import annotations

import platform
from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from argosy.api import answer
from argosy.api.v1beta1.given import Here

router = APIRouter(prefix="/v1beta1/system")


class VersionInfo(BaseModel):
    """Which program serves."""

    version: str = Field(description="Of Argosy.")
    buildDate: str = Field(description="Not kept: the beginning of 1970.")  # noqa: N815
    gitCommit: str = Field(description="Not kept: empty.")  # noqa: N815
    gitTreeDirty: bool = Field(description="Not kept: false.")  # noqa: N815
    goVersion: str = Field(description="The version of Python; Kargo tells that of Go.")  # noqa: N815
    compiler: str = Field(description="The implementation of Python.")
    platform: str = Field(description="System and processor.")


class ArgoCDShard(BaseModel):
    """An Argo CD."""

    url: str = Field(description="Where people see it.")
    namespace: str = Field(description="Namespace of Applications that are named without one.")


class GetConfigResponse(BaseModel):
    """What clients should know of the settings."""

    argocdShards: dict[str, ArgoCDShard] = Field(description="Argo CDs by shard.")  # noqa: N815
    secretManagementEnabled: bool = Field(description="Whether credentials may be written.")  # noqa: N815
    systemResourcesNamespace: str = Field(description="Where what belongs to no Project is kept.")  # noqa: N815
    sharedResourcesNamespace: str = Field(description="Where what all Projects share is kept.")  # noqa: N815
    kargoNamespace: str = Field(description="Where system roles are kept.")  # noqa: N815
    hasAnalysisRunLogsUrlTemplate: bool = Field(  # noqa: N815
        description="Whether logs of AnalysisRuns can be read."
    )


class Heartbeat(BaseModel):
    """A sign of life."""

    controller: str = Field(description="Of which controller; without a name for the one that is always there.")
    status: str = Field(description="Alive or Dead.")
    timestamp: datetime | None = Field(None, description="When it was given.")


class GetControllerHeartbeatsResponse(BaseModel):
    """Signs of life."""

    heartbeats: dict[str, Heartbeat] = Field(description="The last one of each controller.")
    defaultController: str = Field(description="Which controller looks after what names none.")  # noqa: N815


@router.get("/server-version", response_model=VersionInfo, tags=["System"])
async def get_version_info(here: Here) -> Response:
    """Get the version of the server."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    told = VersionInfo(
        version=here.version,
        buildDate="1970-01-01T00:00:00Z",
        gitCommit="",
        gitTreeDirty=False,
        goVersion=f"python{platform.python_version()}",
        compiler=platform.python_implementation().lower(),
        platform=f"{platform.system().lower()}/{machine}",
    )
    return answer.json(told.model_dump())


@router.get("/server-config", response_model=GetConfigResponse, tags=["System", "Config"])
async def get_config(here: Here) -> Response:
    """Get what clients should know of the settings."""
    settings = here.backend.settings
    url = settings.argocd if settings.argocd.startswith("https://") else ""
    shard = ArgoCDShard(url=url, namespace=settings.argocd_namespace)
    told = GetConfigResponse(
        argocdShards={"": shard} if url else {},
        secretManagementEnabled=True,
        systemResourcesNamespace=settings.system_namespace,
        sharedResourcesNamespace=settings.shared_namespace,
        kargoNamespace=settings.system_namespace,
        hasAnalysisRunLogsUrlTemplate=False,
    )
    return answer.json(told.model_dump())


@router.get("/controller-heartbeats", response_model=GetControllerHeartbeatsResponse, tags=["System"])
async def get_controller_heartbeats(here: Here) -> Response:
    """Get signs of life of the controllers.

    All kinds are looked after by one controller, which has no name: of this server, or of the replica that leads.
    """
    alive = here.backend.turning()
    told = Heartbeat(controller="", status="Alive" if alive else "Dead", timestamp=here.clock.now() if alive else None)
    body = GetControllerHeartbeatsResponse(heartbeats={"": told}, defaultController="")
    return answer.json(body.model_dump(mode="json", exclude_none=True))
