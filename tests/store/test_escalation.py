"""Nobody gives away what they may not do: not by roles, bindings, claims or tokens, and not by any kind of write."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.store.permission_case import (
    ADMIN,
    PROMOTER,
    ROOT,
    SYSTEM,
    World,
    acting,
    binding,
    of_kind,
    role,
    rule,
    user,
    world,
)

from argosy.errors import Denied, Invalid, NotFound
from argosy.resources.kinds import RBAC
from argosy.resources.meta import Key
from argosy.store.base import Applying, PatchType
from argosy.store.permission import Permitted
from argosy.store.principal import Principal

CLAIMS, ACCOUNT = "rbac.kargo.akuity.io/claims", "kubernetes.io/service-account.name"
TOKEN = "kubernetes.io/service-account-token"
READ, STATUS = rule("stages", "get list"), rule("stages/status", "patch")


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        await made.put(of_kind("ClusterRole", "strong", rules=[rule("*", "*", "*")]))
        await made.put(of_kind("ClusterRole", "weak", rules=[READ]))
        await made.put(of_kind("ClusterRole", "gathering", aggregationRule=GATHERS))
        await made.put(role("powerful", [STATUS]))
        await made.put(of_kind("ServiceAccount", "powerful"))
        await made.put(binding("powerful", "Role", "powerful", account("powerful")))
        await made.put(of_kind("ServiceAccount", "plain"))
        yield made


def account(name: str, namespace: str = "demo") -> dict[str, Any]:
    return {"kind": "ServiceAccount", "name": name, "namespace": namespace}


def named(name: str, annotations: dict[str, str], kind: str = "ServiceAccount", **more: Any) -> dict[str, Any]:
    made = of_kind(kind, name, **more)
    return {**made, "metadata": {**made["metadata"], "annotations": annotations}}


GATHERS = {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}
DEVOPS = {CLAIMS: '{"groups": ["devops"]}'}
TOKEN_OF = {"type": TOKEN, "data": {"token-sha256": "YQ=="}}

Deed = Callable[[Permitted], Awaitable[object]]
WRONG: dict[str, Deed] = {
    "a role with more": lambda store: store.create(role("r", [READ, STATUS])),
    "a role with more, to see what would be": lambda store: store.create(role("r", [STATUS]), dry_run=True),
    "a role with every verb": lambda store: store.create(role("r", [rule("promotions", "*")])),
    "a role with every resource": lambda store: store.create(role("r", [rule("*", "get")])),
    "a role of another group": lambda store: store.create(role("r", [rule("pods", "get", "")])),
    "more in a role that is there": lambda store: store.update(role("kargo-viewer", [STATUS])),
    "more in a role, by a merge": lambda store: store.patch(Key("Role", "demo", "kargo-viewer"), {"rules": [STATUS]}),
    "more in a role, by operations": lambda store: store.patch(
        Key("Role", "demo", "kargo-viewer"), [{"op": "add", "path": "/rules/-", "value": STATUS}], PatchType.JSON
    ),
    "more in a role, by a strategic merge": lambda store: store.patch(
        Key("Role", "demo", "kargo-viewer"), {"rules": [STATUS]}, PatchType.STRATEGIC
    ),
    "a role, applied": lambda store: store.apply(role("r", [STATUS]), Applying("tests")),
    "more in a role, applied": lambda store: store.apply(role("kargo-viewer", [STATUS]), Applying("tests", force=True)),
    "a strong role": lambda store: store.create(binding("b", "ClusterRole", "strong", user("jane"))),
    "a stronger role of the Project": lambda store: store.create(binding("b", "Role", "powerful", user("jane"))),
    "a role that gathers nobody knows what": lambda store: store.create(
        of_kind("ClusterRole", "g", aggregationRule=GATHERS)
    ),
    "a strong role to more people": lambda store: store.update(binding("powerful", "Role", "powerful", user("jane"))),
    "claims of a stronger account": lambda store: store.update(named("powerful", DEVOPS)),
    "claims of a stronger account, by a merge": lambda store: store.patch(
        Key("ServiceAccount", "demo", "powerful"), {"metadata": {"annotations": DEVOPS}}
    ),
    "claims in the older form": lambda store: store.patch(
        Key("ServiceAccount", "demo", "powerful"),
        {"metadata": {"annotations": {"rbac.kargo.akuity.io/claim.sub": "me"}}},
    ),
    "a token of a stronger account": lambda store: store.create(
        named("t", {ACCOUNT: "powerful"}, "Secret", **TOKEN_OF)
    ),
}


@pytest.mark.parametrize("deed", WRONG.values(), ids=WRONG)
async def test_nobody_gives_what_they_have_not_got(here: World, deed: Deed) -> None:
    before = await here.bare.version()
    with acting(ADMIN), pytest.raises(Denied, match="forbidden"):
        await deed(here.store)
    assert await here.bare.version() == before
    with acting(ROOT):
        await deed(here.store)


RIGHT: dict[str, Deed] = {
    "a role with less": lambda store: store.create(role("r", [READ, rule("stages", "promote")])),
    "a role with every verb where they have every verb": lambda store: store.create(role("r", [rule("stages", "*")])),
    "less in a role": lambda store: store.update(role("kargo-viewer", [READ])),
    "labels of a stronger role": lambda store: store.patch(
        Key("Role", "demo", "powerful"), {"metadata": {"labels": {"a": "b"}}}
    ),
    "labels of a stronger binding": lambda store: store.patch(
        Key("RoleBinding", "demo", "powerful"), {"metadata": {"labels": {"a": "b"}}}
    ),
    "a weak role": lambda store: store.create(binding("b", "ClusterRole", "weak", user("jane"))),
    "a role of the Project": lambda store: store.create(binding("b", "Role", "kargo-viewer", user("jane"))),
    "claims of their own account": lambda store: store.patch(
        Key("ServiceAccount", "demo", "kargo-admin"), {"metadata": {"annotations": DEVOPS}}
    ),
    "claims of an account that may nothing": lambda store: store.update(named("plain", DEVOPS)),
    "an account without claims": lambda store: store.create(of_kind("ServiceAccount", "new")),
    "a token of a weaker account": lambda store: store.create(
        named("t", {ACCOUNT: "kargo-viewer"}, "Secret", **TOKEN_OF)
    ),
    "a secret that is no token": lambda store: store.create(of_kind("Secret", "s", data={"a": "YQ=="})),
}


@pytest.mark.parametrize("deed", RIGHT.values(), ids=RIGHT)
async def test_everybody_gives_what_they_have(here: World, deed: Deed) -> None:
    with acting(ADMIN):
        await deed(here.store)


async def test_a_role_that_gathers_counts_with_all_it_gathers(here: World) -> None:
    gathered = {**of_kind("ClusterRole", "x", rules=[STATUS]), "metadata": {"name": "x", "labels": {"a": "b"}}}
    await here.put(gathered)
    with acting(ADMIN), pytest.raises(Denied, match='verb "patch" on "stages/status"'):
        await here.store.create(binding("b", "ClusterRole", "gathering", user("jane")))


async def test_what_a_role_allowed_before_is_not_given_again(here: World) -> None:
    key, more = Key("Role", "demo", "powerful"), rule("stages", "get")
    with acting(ADMIN):
        await here.store.patch(key, {"rules": [more, STATUS]})
        await here.store.patch(key, {"rules": [more]})
        with pytest.raises(Denied):
            await here.store.patch(key, {"rules": [more, STATUS]})


async def test_a_role_is_not_given_to_those_that_gather_it_by_a_label(here: World) -> None:
    await here.put(of_kind("ClusterRole", "writer", rules=[rule("clusterroles", "*", RBAC), READ]))
    await here.put(binding("writer", "ClusterRole", "writer", user("jane"), ""))
    labels = {"metadata": {"labels": {"a": "b"}}}
    with acting(Principal("jane", user="jane")):
        await here.store.patch(Key("ClusterRole", "", "weak"), labels)
        await here.store.patch(Key("ClusterRole", "", "strong"), {"metadata": {"annotations": {"a": "b"}}})
        with pytest.raises(Denied, match="nobody may grant"):
            await here.store.patch(Key("ClusterRole", "", "strong"), labels)


async def test_claims_that_were_there_may_be_taken_away(here: World) -> None:
    await here.bare.update(named("powerful", {CLAIMS: '{"groups": ["devops", "ops"], "email": ["x"]}'}))
    with acting(ADMIN):
        await here.store.update(named("powerful", {CLAIMS: '{"groups": ["ops"]}'}))
        with pytest.raises(Denied):
            await here.store.update(named("powerful", {CLAIMS: '{"groups": ["ops", "devops"]}'}))


async def test_claims_that_nobody_understands_are_refused(here: World) -> None:
    with acting(ADMIN), pytest.raises(Invalid, match="cannot be read"):
        await here.store.update(named("plain", {CLAIMS: "nonsense"}))


async def test_the_content_of_a_token_cannot_be_changed_for_another(here: World) -> None:
    await here.put(named("t", {ACCOUNT: "powerful"}, "Secret", **TOKEN_OF))
    key = Key("Secret", "demo", "t")
    with acting(ADMIN):
        await here.store.patch(key, {"metadata": {"finalizers": ["example.com/a"]}})
        for patch in (
            {"data": {"token-sha256": "Yg=="}},
            {"metadata": {"annotations": {"argosy/expires": None, "x": "y"}}},
        ):
            with pytest.raises(Denied):
                await here.store.patch(key, patch)


async def test_a_role_that_is_not_there_is_given_to_nobody(here: World) -> None:
    with acting(ADMIN):
        with pytest.raises(NotFound):
            await here.store.create(binding("b", "Role", "none", user("jane")))
        with pytest.raises(Invalid, match="does not name a role"):
            await here.store.create(binding("b", "Robot", "none", user("jane")))


async def test_a_role_that_is_too_large_to_look_at_is_refused(here: World) -> None:
    many = {"apiGroups": ["x"], "resources": [f"r{i}" for i in range(101)], "verbs": [f"v{i}" for i in range(100)]}
    with acting(ADMIN), pytest.raises(Invalid, match="more than 10000 actions"):
        await here.store.create(role("r", [many]))


async def test_an_account_that_counts_everywhere_counts_with_what_it_may_everywhere(here: World) -> None:
    """Its claims give away what it may do in every Project, also where the writer is nobody."""
    admin = binding("system", "ClusterRole", "writer", account("kargo-admin", "demo"), SYSTEM)
    await here.put(of_kind("ClusterRole", "writer", rules=[rule("serviceaccounts", "*", "")]))
    await here.put(admin)
    await here.put(of_kind("ServiceAccount", "far", SYSTEM))
    await here.put(binding("far", "Role", "kargo-viewer", account("far", SYSTEM), "other"))
    jane = {**of_kind("ServiceAccount", "far", SYSTEM)}
    jane["metadata"] = {**jane["metadata"], "annotations": DEVOPS}
    token = Principal("kubernetes:x", user="system:serviceaccount:demo:kargo-admin")
    with acting(token), pytest.raises(Denied, match="nobody may grant"):
        await here.store.update(jane)
    await here.bare.delete(Key("RoleBinding", "other", "far"))
    with acting(token):
        await here.store.update(jane)


async def test_who_may_not_write_roles_is_told_that_first(here: World) -> None:
    with acting(PROMOTER), pytest.raises(Denied, match="create is not permitted"):
        await here.store.create(role("r", [STATUS]))
