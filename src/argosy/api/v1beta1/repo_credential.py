"""Credentials of repositories over HTTP: of a Project, and shared."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import Field
from starlette.responses import Response

from argosy.api.v1beta1 import credential
from argosy.api.v1beta1.credential import REPOSITORY_TYPES, encoded, found, told
from argosy.api.v1beta1.error import Unfit
from argosy.api.v1beta1.given import Here
from argosy.api.v1beta1.listing import Asked, list_of
from argosy.api.v1beta1.scope import PROJECT, SHARED, Namespace, Verb, routes
from argosy.api.v1beta1.value import Body, described, marks
from argosy.api.v1beta1.verb import NOTHING, delete
from argosy.errors import Problem
from argosy.resources.meta import Json
from argosy.resources.names import Label
from argosy.resources.secret import Secret

Name = Annotated[str, Path(alias="repo_credentials", description="Name of the credentials.")]


class UpdateRepoCredentialsRequest(Body):
    """What credentials shall be."""

    description: str = Field("", description="What they are for.")
    type: str = Field("", description="git, helm or image.")
    repoUrl: str = Field("", description="Which repository they open.")  # noqa: N815
    repoUrlIsRegex: bool = Field(False, description="Whether that is a regular expression.")  # noqa: N815
    username: str = Field("", description="Who logs in.")
    password: str = Field("", repr=False, description="With which password or token.")


class CreateRepoCredentialsRequest(UpdateRepoCredentialsRequest):
    """New credentials."""

    name: str = Field("", description="Their name.")


class PatchRepoCredentialsRequest(Body):
    """What of credentials shall change; what is empty stays."""

    description: str | None = Field(None, description="What they are for; empty takes it away.")
    type: str = Field("", description="git, helm or image.")
    repoUrl: str = Field("", description="Which repository they open.")  # noqa: N815
    repoUrlIsRegex: bool = Field(False, description="Whether that is a regular expression.")  # noqa: N815
    username: str = Field("", description="Who logs in.")
    password: str = Field("", repr=False, description="With which password or token.")


async def list_repo_credentials(here: Here, namespace: Namespace, asked: Asked) -> Response:
    """List credentials of repositories {}.

    By name, without what opens anything. Those that all Projects share may be seen by everybody who is signed in.
    """
    is_shared = namespace == here.backend.settings.shared_namespace
    store = here.backend.own if is_shared else here.backend.store
    return await credential.listed(here, store, namespace, REPOSITORY_TYPES, asked)


async def get_repo_credentials(here: Here, namespace: Namespace, name: Name) -> Response:
    """Get credentials of repositories {}.

    Without what opens anything.
    """
    return told(await found(here, namespace, name, REPOSITORY_TYPES))


async def delete_repo_credentials(here: Here, namespace: Namespace, name: Name) -> Response:
    """Delete credentials of repositories {}."""
    return await delete(here, (await found(here, namespace, name, REPOSITORY_TYPES)).key)


async def create_repo_credentials(here: Here, namespace: Namespace, body: CreateRepoCredentialsRequest) -> Response:
    """Create credentials of repositories {}."""
    _check(body, "name", "type", "repoUrl", "username", "password")
    document: dict[str, Json] = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": body.name,
            "namespace": namespace,
            "labels": {Label.CREDENTIAL_TYPE.value: body.type},
            **marks(body.description, replicate=False),
        },
        "data": _data(body),
    }
    return told(await here.backend.store.create(document), 201)


async def update_repo_credentials(
    here: Here, namespace: Namespace, name: Name, body: UpdateRepoCredentialsRequest
) -> Response:
    """Replace credentials of repositories {}.

    All of their values go.
    """
    _check(body, "type", "repoUrl", "username", "password")
    document = dict((await found(here, namespace, name, REPOSITORY_TYPES)).data)
    described(document, body.description)
    _typed(document, body.type)
    return told(await here.backend.store.update({**document, "data": _data(body)}))


async def patch_repo_credentials(
    here: Here, namespace: Namespace, name: Name, body: PatchRepoCredentialsRequest
) -> Response:
    """Change credentials of repositories {}.

    What is empty stays as it is.
    """
    if body.type:
        _check(body, "type")
    document = dict((await found(here, namespace, name, REPOSITORY_TYPES)).data)
    if body.description is not None:
        described(document, body.description)
    if body.type:
        _typed(document, body.type)
    data = dict(document.get("data") or {})
    if body.repoUrl:
        data["repoURL"] = encoded(body.repoUrl)
        data.pop("repoURLIsRegex", None)
        if body.repoUrlIsRegex:
            data["repoURLIsRegex"] = encoded("true")
    given = {"username": body.username, "password": body.password}
    data.update({key: encoded(value) for key, value in given.items() if value})
    return told(await here.backend.store.update({**document, "data": data}))


def _typed(document: dict[str, Json], type_: str) -> None:
    meta = document["metadata"]
    document["metadata"] = {**meta, "labels": {**(meta.get("labels") or {}), Label.CREDENTIAL_TYPE.value: type_}}


def _data(body: UpdateRepoCredentialsRequest) -> dict[str, str]:
    values = {"repoURL": body.repoUrl, "username": body.username, "password": body.password}
    if body.repoUrlIsRegex:
        values["repoURLIsRegex"] = "true"
    return {key: encoded(value) for key, value in values.items()}


def _check(body: Body, *needed: str) -> None:
    """Raises Unfit with everything that is missing, or no type there is."""
    values = {name: getattr(body, name) for name in needed}
    problems = [Problem(f"{name} should not be empty", name) for name, value in values.items() if not value]
    if values["type"] and values["type"] not in REPOSITORY_TYPES:
        problems.append(Problem("type should be one of git, helm, or image", "type"))
    if problems:
        raise Unfit("the credentials are incomplete", problems)


_ALL, _ONE = "/repo-credentials", "/repo-credentials/{repo_credentials}"

router = routes(
    (PROJECT, SHARED),
    (
        Verb("GET", _ALL, "list_{}_repo_credentials", list_repo_credentials, list_of("Secret")),
        Verb("POST", _ALL, "create_{}_repo_credentials", create_repo_credentials, Secret, 201),
        Verb("GET", _ONE, "get_{}_repo_credentials", get_repo_credentials, Secret),
        Verb("PUT", _ONE, "update_{}_repo_credentials", update_repo_credentials, Secret),
        Verb("PATCH", _ONE, "patch_{}_repo_credentials", patch_repo_credentials, Secret),
        Verb("DELETE", _ONE, "delete_{}_repo_credentials", delete_repo_credentials, None, NOTHING),
    ),
    ("Credentials", "Repo Credentials"),
)
