"""ConfigMaps over HTTP: of a Project, shared, and of the system."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import Field
from starlette.responses import Response

from argosy.api import answer
from argosy.api.answer import Refused
from argosy.api.stream import Stream
from argosy.api.v1beta1.given import Given, Here
from argosy.api.v1beta1.listing import Asked, list_of
from argosy.api.v1beta1.scope import PROJECT, SHARED, SYSTEM, Namespace, Verb, routes
from argosy.api.v1beta1.value import ALL, Body, described, marks
from argosy.api.v1beta1.verb import NOTHING, delete, many, one
from argosy.api.v1beta1.watch import Watching
from argosy.resources.config_map import ConfigMap
from argosy.resources.meta import Json, Key

Name = Annotated[str, Path(alias="configmap", description="Name of the ConfigMap.")]


class UpdateConfigMapRequest(Body):
    """What a ConfigMap shall be."""

    description: str = Field("", description="What it is for.")
    replicate: bool = Field(False, description="Whether every Project gets a copy; for shared ones.")
    data: dict[str, str] = Field({}, description="Text by key; at least one.")


class CreateConfigMapRequest(UpdateConfigMapRequest):
    """A new ConfigMap."""

    name: str = Field("", description="Its name.")


class PatchConfigMapRequest(Body):
    """What of a ConfigMap shall change."""

    description: str | None = Field(None, description="What it is for; empty takes it away.")
    data: dict[str, str] | None = Field(None, description="Text by key, besides what is there.")
    removeKeys: list[str] = Field([], description="Keys that shall go.")  # noqa: N815


async def list_config_maps(here: Here, namespace: Namespace, asked: Asked) -> Response | Stream:
    """List ConfigMaps {}.

    By name.
    """
    return await many(here, asked.query("ConfigMap", namespace), asked, Watching())


async def get_config_map(here: Here, namespace: Namespace, name: Name) -> Response | Stream:
    """Get a ConfigMap {}."""
    return await one(here, Key("ConfigMap", namespace, name))


async def delete_config_map(here: Here, namespace: Namespace, name: Name) -> Response:
    """Delete a ConfigMap {}."""
    return await delete(here, Key("ConfigMap", namespace, name))


async def create_config_map(here: Here, namespace: Namespace, body: CreateConfigMapRequest) -> Response:
    """Create a ConfigMap {}."""
    if not body.name:
        raise Refused(400, "name should not be empty")
    _not_empty(body.data, "ConfigMap data cannot be empty")
    meta: dict[str, Json] = {"name": body.name, "namespace": namespace}
    document = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {**meta, **marks(body.description, body.replicate)},
        "data": body.data,
    }
    return answer.json((await here.backend.store.create(document)).raw, 201)


async def update_config_map(here: Here, namespace: Namespace, name: Name, body: UpdateConfigMapRequest) -> Response:
    """Replace a ConfigMap {}.

    All of its values go; what else is known of it stays.
    """
    _not_empty(body.data, "ConfigMap data cannot be empty")
    found = await _found(here, namespace, name)
    described(found, body.description)
    described(found, ALL if body.replicate else "", replicate=True)
    return answer.json((await here.backend.store.update({**found, "data": body.data})).raw)


async def patch_config_map(here: Here, namespace: Namespace, name: Name, body: PatchConfigMapRequest) -> Response:
    """Change a ConfigMap {}.

    Values are added and replaced, and those of `removeKeys` go.
    """
    found = await _found(here, namespace, name)
    if body.description is not None:
        described(found, body.description)
    kept = {key: value for key, value in (found.get("data") or {}).items() if key not in body.removeKeys}
    data = {**kept, **(body.data or {})}
    _not_empty(data, "ConfigMap data cannot be empty after patch")
    return answer.json((await here.backend.store.update({**found, "data": data})).raw)


async def _found(here: Given, namespace: str, name: str) -> dict[str, Json]:
    return dict((await here.backend.store.get(Key("ConfigMap", namespace, name))).data)


def _not_empty(data: dict[str, str], message: str) -> None:
    if not data:
        raise Refused(400, message, advice="Give it at least one key.")


_ALL, _ONE = "/configmaps", "/configmaps/{configmap}"

router = routes(
    (PROJECT, SHARED, SYSTEM),
    (
        Verb("GET", _ALL, "list_{}_config_maps", list_config_maps, list_of("ConfigMap")),
        Verb("POST", _ALL, "create_{}_config_map", create_config_map, ConfigMap, 201),
        Verb("GET", _ONE, "get_{}_config_map", get_config_map, ConfigMap),
        Verb("PUT", _ONE, "update_{}_config_map", update_config_map, ConfigMap),
        Verb("PATCH", _ONE, "patch_{}_config_map", patch_config_map, ConfigMap),
        Verb("DELETE", _ONE, "delete_{}_config_map", delete_config_map, None, NOTHING),
    ),
    ("Core", "Generic Config"),
)
