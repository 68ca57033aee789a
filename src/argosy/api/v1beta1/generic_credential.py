"""Other Secrets that promotion steps use, over HTTP: of a Project, shared, and of the system."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import Field
from starlette.responses import Response

from argosy.api.answer import Refused
from argosy.api.v1beta1 import credential
from argosy.api.v1beta1.credential import GENERIC, encoded, found, told
from argosy.api.v1beta1.given import Here
from argosy.api.v1beta1.listing import Asked, list_of
from argosy.api.v1beta1.scope import PROJECT, SHARED, SYSTEM, Namespace, Verb, routes
from argosy.api.v1beta1.value import ALL, Body, described, marks
from argosy.api.v1beta1.verb import NOTHING, delete
from argosy.resources.meta import Json
from argosy.resources.names import Label
from argosy.resources.secret import Secret

Name = Annotated[str, Path(alias="generic_credentials", description="Name of the credentials.")]
_ONLY = (GENERIC,)


class UpdateGenericCredentialsRequest(Body):
    """What a Secret shall be."""

    description: str = Field("", description="What it is for.")
    replicate: bool = Field(False, description="Whether every Project gets a copy; for shared ones.")
    data: dict[str, str] = Field({}, repr=False, description="Values by key; an empty one stays as it is.")


class CreateGenericCredentialsRequest(Body):
    """A new Secret."""

    name: str = Field("", description="Its name.")
    description: str = Field("", description="What it is for.")
    replicate: bool = Field(False, description="Whether every Project gets a copy; for shared ones.")
    type: str = Field("", description="What Kubernetes should take it for; `Opaque` by itself. It stays.")
    data: dict[str, str] = Field({}, repr=False, description="Values by key; at least one.")


class PatchGenericCredentialsRequest(Body):
    """What of a Secret shall change."""

    description: str | None = Field(None, description="What it is for; empty takes it away.")
    data: dict[str, str] | None = Field(None, repr=False, description="Values by key, besides what is there.")
    removeKeys: list[str] = Field([], description="Keys that shall go.")  # noqa: N815


async def list_generic_credentials(here: Here, namespace: Namespace, asked: Asked) -> Response:
    """List other Secrets {}.

    By name, without their values.
    """
    return await credential.listed(here, here.backend.store, namespace, _ONLY, asked)


async def get_generic_credentials(here: Here, namespace: Namespace, name: Name) -> Response:
    """Get another Secret {}.

    Without its values.
    """
    return told(await found(here, namespace, name, _ONLY))


async def delete_generic_credentials(here: Here, namespace: Namespace, name: Name) -> Response:
    """Delete another Secret {}."""
    return await delete(here, (await found(here, namespace, name, _ONLY)).key)


async def create_generic_credentials(
    here: Here, namespace: Namespace, body: CreateGenericCredentialsRequest
) -> Response:
    """Create another Secret {}."""
    if not body.name:
        raise Refused(400, "name should not be empty")
    if not body.data:
        raise Refused(400, "cannot create empty secret")
    document: dict[str, Json] = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": body.name,
            "namespace": namespace,
            "labels": {Label.CREDENTIAL_TYPE.value: GENERIC},
            **marks(body.description, body.replicate),
        },
        "data": {key: encoded(value) for key, value in body.data.items()},
        **({"type": body.type} if body.type else {}),
    }
    return told(await here.backend.store.create(document), 201)


async def update_generic_credentials(
    here: Here, namespace: Namespace, name: Name, body: UpdateGenericCredentialsRequest
) -> Response:
    """Replace another Secret {}.

    Keys that are not given go; one that is given without a value keeps the one that it has.
    """
    if not body.data:
        raise Refused(400, "cannot update to empty secret")
    document = dict((await found(here, namespace, name, _ONLY)).data)
    described(document, body.description)
    described(document, ALL if body.replicate else "", replicate=True)
    kept = {key: value for key, value in (document.get("data") or {}).items() if key in body.data}
    data = {**kept, **{key: encoded(value) for key, value in body.data.items() if value}}
    return told(await here.backend.store.update({**document, "data": data}))


async def patch_generic_credentials(
    here: Here, namespace: Namespace, name: Name, body: PatchGenericCredentialsRequest
) -> Response:
    """Change another Secret {}.

    Values are added and replaced, and those of `removeKeys` go.
    """
    document = dict((await found(here, namespace, name, _ONLY)).data)
    if body.description is not None:
        described(document, body.description)
    kept = {key: value for key, value in (document.get("data") or {}).items() if key not in body.removeKeys}
    data = {**kept, **{key: encoded(value) for key, value in (body.data or {}).items()}}
    if not data:
        raise Refused(400, "cannot have empty secret")
    return told(await here.backend.store.update({**document, "data": data}))


_ALL, _ONE = "/generic-credentials", "/generic-credentials/{generic_credentials}"

router = routes(
    (PROJECT, SHARED, SYSTEM),
    (
        Verb("GET", _ALL, "list_{}_generic_credentials", list_generic_credentials, list_of("Secret")),
        Verb("POST", _ALL, "create_{}_generic_credentials", create_generic_credentials, Secret, 201),
        Verb("GET", _ONE, "get_{}_generic_credentials", get_generic_credentials, Secret),
        Verb("PUT", _ONE, "update_{}_generic_credentials", update_generic_credentials, Secret),
        Verb("PATCH", _ONE, "patch_{}_generic_credentials", patch_generic_credentials, Secret),
        Verb("DELETE", _ONE, "delete_{}_generic_credentials", delete_generic_credentials, None, NOTHING),
    ),
    ("Credentials", "Generic Credentials"),
)
