"""Reads what Kargo's roles consist of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from argosy.api.answer import Refused
from argosy.api.v1beta1.given import Given
from argosy.errors import Invalid, NotFound
from argosy.resources.meta import Document, Key
from argosy.resources.names import TRUE, Label
from argosy.rules.escalation import is_bound, role_bound
from argosy.rules.role import Parts
from argosy.store.base import Operator, Query, Requirement
from argosy.store.typed import find

_SYSTEM = Requirement(Label.SYSTEM_ROLE.value, Operator.IN, (TRUE,))


async def parts_of(here: Given, namespace: str, name: str) -> Parts:
    """What a role consists of. Raises NotFound, Denied."""
    account = await find(here.backend.store, Key("ServiceAccount", namespace, name))
    is_system = _is_system(here, namespace)
    if account is None or (is_system and (account.meta.get("labels") or {}).get(Label.SYSTEM_ROLE) != TRUE):
        scope = "--system" if is_system else f"--project {namespace}"
        raise NotFound(
            f'roles.rbac.kargo.akuity.io "{name}" not found',
            advice=f"`argosy role list {scope}` tells which there are.",
        )
    return (await _parts(here, namespace, [account]))[0]


async def all_parts(here: Given, namespace: str) -> list[Parts]:
    """What every role of a namespace consists of, by name. Raises Denied."""
    labels = (_SYSTEM,) if _is_system(here, namespace) else ()
    found = await here.backend.store.list(Query("ServiceAccount", namespace, labels))
    return await _parts(here, namespace, found.documents)


async def _parts(here: Given, namespace: str, accounts: Sequence[Document]) -> list[Parts]:
    bindings = [*(await here.backend.store.list(Query("RoleBinding", namespace))).documents]
    if _is_system(here, namespace):
        bindings += (await here.backend.own.list(Query("ClusterRoleBinding"))).documents
    bound = [[each for each in bindings if is_bound(each, (namespace, account.key.name))] for account in accounts]
    roles = await _roles(here, {key for each in bound for key in _keys(each)})
    return [
        Parts(
            account,
            [each for each in mine if each.key.namespace],
            [roles[key] for key in _keys(mine) if key.kind == "Role" and key in roles],
            [roles[key] for key in _keys(mine) if key.kind == "ClusterRole" and key in roles],
        )
        for account, mine in zip(accounts, bound, strict=True)
    ]


async def _roles(here: Given, keys: Iterable[Key]) -> dict[Key, Document]:
    """The roles that are there.

    ClusterRoles are read without asking: whoever may see accounts and their bindings may see what these mean, as in
    Kargo.
    """
    found: dict[Key, Document] = {}
    for key in keys:
        store = here.backend.store if key.namespace else here.backend.own
        role = await find(store, key)
        if role is not None:
            found[key] = role
    return found


def _keys(bindings: Iterable[Document]) -> list[Key]:
    """The roles that bindings lead to, each once."""
    found: dict[Key, None] = {}
    for binding in bindings:
        try:
            found[role_bound(binding.data)] = None
        except Invalid:
            continue
    return [*found]


def _is_system(here: Given, namespace: str) -> bool:
    return namespace == here.backend.settings.system_namespace


def unfit(error: Invalid) -> Refused:
    """What rules say of a role, as Kargo's clients know it: 400."""
    return Refused(400, error.message, advice=error.advice)
