"""ServiceAccount (core): whom people and programs act as in a Project."""

from __future__ import annotations

from pydantic import Field, StrictBool

from argosy.resources.event import ObjectReference
from argosy.resources.meta import Model, Resource


class LocalObjectReference(Model):
    """Names a resource of the same namespace."""

    name: str = Field("", description="Its name.")


class ServiceAccount(Resource):
    """Whom people act as whose claims match it, and programs that have a token of it; roles are bound to it."""

    secrets: tuple[ObjectReference, ...] = Field((), description="Secrets that what runs as the account may use.")
    image_pull_secrets: tuple[LocalObjectReference, ...] = Field(
        (), description="Secrets with the logins of registries, for what runs as the account."
    )
    automount_service_account_token: StrictBool | None = Field(
        None, description="Whether what runs as the account is given its token."
    )
