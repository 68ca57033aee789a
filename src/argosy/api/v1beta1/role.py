"""Kargo's roles over HTTP: of a Project, to read and to change, and of the system, to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from argosy.api import answer
from argosy.api.answer import Refused
from argosy.api.v1beta1.given import Given, Here
from argosy.api.v1beta1.role_parts import all_parts, parts_of, unfit
from argosy.api.v1beta1.scope import PROJECT, SYSTEM, Namespace, Verb, routes
from argosy.api.v1beta1.value import Body
from argosy.api.v1beta1.verb import NOTHING
from argosy.errors import AlreadyExists, Conflict, Invalid
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Json, Key
from argosy.resources.names import Annotation
from argosy.rules import role as rules
from argosy.rules.role import Data, Parts
from argosy.store.typed import find

Name = Annotated[str, Path(alias="role", description="Name of the role.")]
AsResources = Annotated[
    bool, Query(alias="as-resources", description="Whether to tell the resources that a role consists of instead.")
]

PARTS = ("Role", "ServiceAccount", "RoleBinding")
"""The kinds that a role consists of, in the order in which they are made."""


class Claim(Body):
    """What must be said of somebody."""

    name: str = Field("", description="Name of the claim, such as `groups`.")
    values: list[str] = Field([], description="Values, any of which is enough.")


class RoleRule(Body):
    """What a role allows."""

    apiGroups: list[str] = Field([], description="API groups; those of the resources when there are none.")  # noqa: N815
    resources: list[str] = Field([], description="Lower-case plurals.")
    resourceNames: list[str] = Field([], description="Only resources of these names, when there are any.")  # noqa: N815
    verbs: list[str] = Field([], description="Actions, such as `get` and `promote`; `*` means every.")


class RoleMeta(BaseModel):
    """Names a role; other metadata is not looked at."""

    name: str = Field("", description="Its name.")
    namespace: str = Field("", description="Its Project; that of the path when empty.")
    annotations: dict[str, str] = Field({}, description="Of these, only that with the description is kept.")


class RbacRole(Body):
    """A role: who has it, and what it allows."""

    apiVersion: str = Field("", description="May be left out.")  # noqa: N815
    kind: str = Field("", description="May be left out.")
    metadata: RoleMeta = Field(default_factory=RoleMeta, description="Its name.")
    kargoManaged: bool = Field(False, description="Whether it can be changed as one.")  # noqa: N815
    claims: list[Claim] = Field([], description="Whoever has any of these has the role.")
    rules: list[RoleRule] = Field([], description="What it allows.")

    @property
    def merged(self) -> dict[str, list[str]]:
        """The claims by name."""
        return rules.merged((claim.name, claim.values) for claim in self.claims)

    def normalized(self) -> list[Data]:
        """The rules as they are kept. Raises Invalid."""
        written = [rule.model_dump(exclude_defaults=True) for rule in self.rules]
        return rules.normalized(rules.with_groups(written), custom=True)


async def list_roles(here: Here, namespace: Namespace, as_resources: AsResources = False) -> Response:
    """List roles {}.

    By name.
    """
    found = await all_parts(here, namespace)
    with fitting():
        return answer.json([_told(parts, as_resources) for parts in found])


async def get_role(here: Here, namespace: Namespace, name: Name, as_resources: AsResources = False) -> Response:
    """Get a role {}."""
    parts = await parts_of(here, namespace, name)
    with fitting():
        return answer.json(_told(parts, as_resources))


async def create_role(here: Here, namespace: Namespace, body: RbacRole) -> Response:
    """Create a role {}.

    A ServiceAccount, a Role and a RoleBinding of its name. Nobody can give what they may not do themselves.
    """
    name = body.metadata.name
    if not name:
        raise Refused(400, "name should not be empty")
    if body.metadata.namespace not in ("", namespace):
        raise Conflict("namespace in body does not match project in URL")
    await _may(here, "create", namespace)
    for kind in PARTS:
        if await find(here.backend.own, Key(kind, namespace, name)) is not None:
            raise AlreadyExists(f'{kind.lower()}s "{name}" already exists')
    with fitting():
        role = rules.role_of(namespace, name, body.normalized())
    description = body.metadata.annotations.get(Annotation.DESCRIPTION.value, "")
    for document in (
        role,
        rules.account_document(namespace, name, body.merged, description),
        rules.binding_of(namespace, name),
    ):
        await here.backend.store.create(document)
    return await told(here, namespace, name, 201)


async def update_role(here: Here, namespace: Namespace, name: Name, body: RbacRole) -> Response:
    """Replace a role {}.

    Its claims, what it allows and its description.
    """
    if body.metadata.name != name:
        raise Refused(400, "name in body does not match role name in URL")
    if body.metadata.namespace not in ("", namespace):
        raise Refused(400, "namespace in body does not match project name in URL")
    parts = await changeable(here, namespace, name)
    with fitting():
        allowed = body.normalized()
    await keep_rules(here, parts, allowed)
    account = rules.changed_claims(parts.account, body.merged)
    description = body.metadata.annotations.get(Annotation.DESCRIPTION.value, "")
    await here.backend.store.update(rules.described(account, description))
    return await told(here, namespace, name)


async def delete_role(here: Here, namespace: Namespace, name: Name) -> Response:
    """Delete a role {}.

    With its ServiceAccount, and the API tokens of that.
    """
    parts = await changeable(here, namespace, name)
    await _may(here, "delete", namespace, name)
    for document in (*parts.bindings, *parts.roles, parts.account):
        await here.backend.store.delete(document.key, uid=document.uid)
    return Response(status_code=NOTHING)


async def changeable(here: Given, namespace: str, name: str) -> Parts:
    """A role that can be changed as one. Raises NotFound, Denied; Refused (400) for others."""
    parts = await parts_of(here, namespace, name)
    with fitting():
        rules.manageable(parts)
    return parts


async def keep_rules(here: Given, parts: Parts, allowed: Sequence[Data]) -> None:
    """Write what a role allows; the Role and the RoleBinding are made where they are missing."""
    key = parts.account.key
    if parts.roles:
        await here.backend.store.update({**parts.roles[0].data, "rules": [*allowed]})
    else:
        await here.backend.store.create(rules.role_of(key.namespace, key.name, allowed))
    if not parts.bindings:
        await here.backend.store.create(rules.binding_of(key.namespace, key.name))


async def told(here: Given, namespace: str, name: str, code: int = 200) -> Response:
    """The answer with a role as it is now."""
    parts = await parts_of(here, namespace, name)
    with fitting():
        return answer.json(rules.shown(parts), code)


@contextmanager
def fitting() -> Iterator[None]:
    """Rules about roles say what is wrong with a request."""
    try:
        yield
    except Invalid as error:
        raise unfit(error) from error


async def _may(here: Given, verb: str, namespace: str, name: str = "") -> None:
    """See that all parts may be written before the first is. Raises Denied."""
    for kind in map(KINDS.__getitem__, PARTS):
        await here.backend.rights.require(verb, kind.plural, namespace, name, group=kind.group)


def _told(parts: Parts, as_resources: bool) -> Json:
    return rules.with_resources(parts) if as_resources else rules.shown(parts)


_ALL, _ONE = "/roles", "/roles/{role}"
_READ: tuple[Verb, ...] = (
    Verb("GET", _ALL, "list_{}_roles", list_roles, list[Any]),
    Verb("GET", _ONE, "get_{}_role", get_role, dict[str, Any]),
)

router = routes(
    (PROJECT,),
    (
        *_READ,
        Verb("POST", _ALL, "create_{}_role", create_role, RbacRole, 201),
        Verb("PUT", _ONE, "update_role", update_role, RbacRole),
        Verb("DELETE", _ONE, "delete_{}_role", delete_role, None, NOTHING),
    ),
    ("Rbac",),
)
system_router = routes((SYSTEM,), _READ, ("Rbac",))
