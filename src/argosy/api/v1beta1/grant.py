"""Roles given to people and taken from them, and what roles allow made more or less: one change at a time."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from argosy.api.answer import Refused
from argosy.api.v1beta1.given import Here, Project
from argosy.api.v1beta1.role import Claim, RbacRole, changeable, fitting, keep_rules, told
from argosy.api.v1beta1.value import Body
from argosy.rules import role as rules
from argosy.rules.role import Data

router = APIRouter(prefix="/v1beta1/projects/{project}/roles", tags=["Rbac", "Project-Level"])


class ResourceDetails(Body):
    """Verbs on resources."""

    resourceType: str = Field("", description="Lower-case plural, such as `stages`.")  # noqa: N815
    resourceName: str = Field("", description="Only the resource of this name.")  # noqa: N815
    verbs: list[str] = Field([], description="Actions; `*` means every.")


class UserClaims(Body):
    """Who is meant."""

    claims: list[Claim] = Field([], description="Whoever has any of these.")


class GrantRequest(Body):
    """To whom a role is given, or what it shall allow besides."""

    role: str = Field("", description="Name of the role.")
    userClaims: UserClaims | None = Field(None, description="To whom.")  # noqa: N815
    resourceDetails: ResourceDetails | None = Field(None, description="What.")  # noqa: N815


class RevokeRequest(GrantRequest):
    """From whom a role is taken, or what it shall allow no more."""


@router.post("/grants", response_model=RbacRole)
async def grant(here: Here, project: Project, body: GrantRequest) -> Response:
    """Give a role to people, or let it allow more.

    Nobody can give what they may not do themselves.
    """
    _check(body)
    parts = await changeable(here, project, body.role)
    if body.userClaims is not None:
        with fitting():
            account = rules.more_claims(parts.account, _claims(body.userClaims))
        await here.backend.store.update(account)
    elif body.resourceDetails is not None:
        with fitting():
            allowed = rules.normalized([*_rules_of(parts), _rule(body.resourceDetails)], custom=True)
        await keep_rules(here, parts, allowed)
    return await told(here, project, body.role)


@router.post("/revocations", response_model=RbacRole)
async def revoke(here: Here, project: Project, body: RevokeRequest) -> Response:
    """Take a role from people, or let it allow less."""
    _check(body)
    parts = await changeable(here, project, body.role)
    if body.userClaims is not None:
        with fitting():
            account = rules.fewer_claims(parts.account, _claims(body.userClaims))
        await here.backend.store.update(account)
    elif body.resourceDetails is not None and parts.roles:
        details = body.resourceDetails
        with fitting():
            left = rules.without(_rules_of(parts), details.resourceType, details.resourceName, details.verbs)
        await here.backend.store.update({**parts.roles[0].data, "rules": left})
    return await told(here, project, body.role)


def _check(body: GrantRequest) -> None:
    if not body.role:
        raise Refused(400, "role is required")
    if body.userClaims is None and body.resourceDetails is None:
        raise Refused(400, "one of userClaims, serviceAccounts, or resourceDetails must be provided")


def _claims(given: UserClaims) -> dict[str, list[str]]:
    return rules.merged((claim.name, claim.values) for claim in given.claims)


def _rule(details: ResourceDetails) -> Data:
    """Raises Invalid for what is no resource."""
    names = {"resourceNames": [details.resourceName]} if details.resourceName else {}
    group = rules.group_of(details.resourceType)
    return {"apiGroups": [group], "resources": [details.resourceType], "verbs": details.verbs, **names}


def _rules_of(parts: rules.Parts) -> list[Data]:
    return [*(parts.roles[0].data.get("rules") or ())] if parts.roles else []
