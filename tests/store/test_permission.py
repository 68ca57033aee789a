"""The store for a principal: it does what that may do, refuses what it may not, and leaves nothing behind."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.store.permission_case import (
    ADMIN,
    CREATOR,
    NOBODY,
    PROMOTER,
    ROOT,
    STRANGER,
    SYSTEM_ADMIN,
    SYSTEM_VIEWER,
    USER,
    V1,
    VIEWER,
    World,
    acting,
    binding,
    member,
    of_kind,
    role,
    rule,
    stage,
    user,
    world,
)

from argosy.errors import ArgosyError, Denied, Invalid, NotFound
from argosy.resources.meta import Json, Key
from argosy.rules.authorization import PROMOTING
from argosy.rules.escalation import KINDS_THAT_GIVE
from argosy.store.actor import actor
from argosy.store.base import Applying, EventType, PatchType, Query, Store
from argosy.store.principal import Principal

APPLYING = Applying("tests")
DEV, PROD = Key("Stage", "demo", "dev"), Key("Stage", "demo", "prod")


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


async def freight_of(here: World) -> str:
    return (await here.bare.list(Query("Freight", "demo"))).documents[0].key.name


def promotion(freight: str, to: str = "dev") -> dict[str, Any]:
    return of_kind("Promotion", "p", spec={"stage": to, "freight": freight})


async def drained(store: Store, query: Query) -> None:
    async with contextlib.aclosing(store.watch(query)) as events:
        async for event in events:
            if event.type is EventType.BOOKMARK:
                return


Deed = Callable[[Store], Awaitable[object]]

DEEDS: dict[str, Deed] = {
    "get": lambda store: store.get(DEV),
    "list": lambda store: store.list(Query("Stage", "demo")),
    "list everywhere": lambda store: store.list(Query("Stage")),
    "watch": lambda store: drained(store, Query("Stage", "demo")),
    "watch everywhere": lambda store: drained(store, Query("Stage")),
    "create": lambda store: store.create(stage("new")),
    "create, to see what would be": lambda store: store.create(stage("new"), dry_run=True),
    "update": lambda store: store.update(stage("dev")),
    "patch": lambda store: store.patch(DEV, {"metadata": {"labels": {"a": "b"}}}),
    "patch a status": lambda store: store.patch(DEV, {"status": {"observedGeneration": 1}}, status=True),
    "update a status": lambda store: store.update(stage("dev"), status=True),
    "apply": lambda store: store.apply(stage("dev"), APPLYING),
    "apply something new": lambda store: store.apply(stage("new"), APPLYING),
    "apply a status": lambda store: store.apply(stage("dev"), Applying("tests", status=True)),
    "delete": lambda store: store.delete(DEV),
    "delete, to see what would be": lambda store: store.delete(DEV, dry_run=True),
}
READS = {"get", "list", "watch"}
EVERYWHERE = {"list everywhere", "watch everywhere"}
STATUS = {"patch a status", "update a status", "apply a status"}
MAY = {
    "somebody who may all": (ROOT, set(DEEDS)),
    "an admin of the installation": (SYSTEM_ADMIN, set(DEEDS) - STATUS),
    "a viewer of the installation": (SYSTEM_VIEWER, READS | EVERYWHERE),
    "a user of the installation": (USER, set[str]()),
    "an admin of the Project": (ADMIN, set(DEEDS) - EVERYWHERE - STATUS),
    "a promoter": (PROMOTER, READS),
    "a viewer": (VIEWER, READS),
    "an admin of another Project": (STRANGER, set[str]()),
    "somebody without roles": (NOBODY, set[str]()),
    "nobody": (None, set[str]()),
}


@pytest.mark.parametrize(("who", "allowed"), MAY.values(), ids=MAY)
async def test_everybody_does_what_they_may(here: World, who: Principal | None, allowed: set[str]) -> None:
    done = set()
    for name, deed in DEEDS.items():
        async with saved(here):
            if await is_done(here, deed, who):
                done.add(name)
    assert done == allowed


async def is_done(here: World, deed: Deed, who: Principal | None) -> bool:
    """Whether somebody may do it; what is refused leaves nothing behind."""
    before = await here.bare.version()
    with acting(who):
        try:
            await deed(here.store)
        except Denied:
            assert await here.bare.version() == before
            return False
    return True


@contextlib.asynccontextmanager
async def saved(here: World) -> AsyncIterator[None]:
    """Afterwards the Stages are as before."""
    yield
    with contextlib.suppress(NotFound):
        await here.bare.delete(Key("Stage", "demo", "new"))
    with contextlib.suppress(NotFound):
        await here.bare.get(DEV)
        return
    await here.put(stage("dev"))


async def test_what_is_refused_is_refused_whether_it_is_there_or_not(here: World) -> None:
    with acting(STRANGER):
        told = []
        for key in (DEV, Key("Stage", "demo", "none"), Key("Stage", "nowhere", "dev")):
            with pytest.raises(Denied) as refused:
                await here.store.get(key)
            told.append(refused.value.message.replace(key.name, "*"))
    assert set(told) == {'stages.kargo.akuity.io "*" is forbidden: get is not permitted'}


async def test_one_resource_that_is_selected_by_name_is_asked_for_by_name(here: World) -> None:
    await here.put(role("one", [{**rule("stages", "list watch"), "resourceNames": ["dev"]}]))
    await here.put(binding("one", "Role", "one", user("jane")))
    with acting(Principal("jane", user="jane")):
        found = await here.store.list(Query("Stage", "demo", fields={"metadata.name": "dev"}))
        assert [each.key for each in found.documents] == [DEV]
        for query in (Query("Stage", "demo"), Query("Stage", "demo", fields={"metadata.name": "prod"})):
            with pytest.raises(Denied):
                await here.store.list(query)


async def test_a_role_holds_from_the_moment_it_is_written_until_it_is_taken_away(here: World) -> None:
    jane = Principal("jane", user="jane")
    with acting(ADMIN):
        await here.store.create(binding("jane", "Role", "kargo-viewer", user("jane")))
    with acting(jane):
        await here.store.get(DEV)
    with acting(ADMIN):
        await here.store.delete(Key("RoleBinding", "demo", "jane"))
    with acting(jane), pytest.raises(Denied):
        await here.store.get(DEV)


async def test_a_watch_ends_when_the_right_to_it_goes(here: World) -> None:
    await here.put(binding("jane", "Role", "kargo-viewer", user("jane")))
    with acting(Principal("jane", user="jane")):
        events = here.store.watch(Query("Stage", "demo"))
        while (await anext(events)).type is not EventType.BOOKMARK:
            pass
    with acting(ADMIN):
        await here.store.delete(Key("RoleBinding", "demo", "jane"))
    await here.bare.create(stage("new"))
    with pytest.raises(Denied):
        await anext(events)


async def test_groups_and_users_are_bound_too(here: World) -> None:
    await here.put(binding("all", "ClusterRole", "all", {"kind": "Group", "name": "devops"}, ""))
    await here.put(of_kind("ClusterRole", "all", rules=[rule("stages", "get list")]))
    with acting(Principal("jane", user="jane", groups=frozenset({"devops"}))):
        assert len((await here.store.list(Query("Stage"))).documents) == 4
        with pytest.raises(Denied):
            await here.store.list(Query("Warehouse"))


async def test_a_role_that_gathers_others_allows_what_they_allow(here: World) -> None:
    labels = {"name": "part", "labels": {"part": "of-all"}}
    gathering = {"clusterRoleSelectors": [{"matchLabels": {"part": "of-all"}}]}
    await here.put(of_kind("ClusterRole", "all", aggregationRule=gathering, rules=[]))
    await here.put(binding("all", "ClusterRole", "all", user("jane"), ""))
    await here.put({**of_kind("ClusterRole", "part"), "metadata": labels, "rules": [rule("stages", "get")]})
    with acting(Principal("jane", user="jane")):
        await here.store.get(DEV)


async def test_promotions_take_the_right_to_promote_to_their_stage(here: World) -> None:
    freight = await freight_of(here)
    jane = Principal("jane", user="jane")
    rules = [
        rule("promotions promotionrequests", "create delete patch get"),
        {**rule("stages", "promote"), "resourceNames": ["dev"]},
    ]
    await here.put(role("dev-only", rules))
    await here.put(binding("dev-only", "Role", "dev-only", user("jane")))
    to_prod = await here.put(promotion(freight, "prod"))
    with acting(jane):
        to_dev = await here.store.create(promotion(freight, "dev"))
        await here.store.patch(to_dev.key, {"metadata": {"annotations": {"a": "b"}}})
        await here.store.delete(to_dev.key)
        for deed in (
            lambda: here.store.create(promotion(freight, "prod")),
            lambda: here.store.create(promotion(freight, "prod"), dry_run=True),
            lambda: here.store.create({**promotion(freight, "prod"), "kind": "PromotionRequest"}),
            lambda: here.store.patch(to_prod.key, {"metadata": {"annotations": {"a": "b"}}}),
            lambda: here.store.delete(to_prod.key),
        ):
            with pytest.raises(Denied, match=r'stages.kargo.akuity.io "prod" is forbidden: promote is not permitted'):
                await deed()


async def test_a_viewer_cannot_promote_by_any_way(here: World) -> None:
    freight = await freight_of(here)
    with acting(VIEWER):
        for deed in (
            lambda: here.store.create(promotion(freight)),
            lambda: here.store.apply(promotion(freight), APPLYING),
            lambda: here.rights.require("promote", "stages", "demo", "dev"),
        ):
            with pytest.raises(Denied):
                await deed()


async def test_approving_freight_takes_the_right_to_promote(here: World) -> None:
    key = Key("Freight", "demo", await freight_of(here))
    await here.put(role("status", [rule("freights/status", "patch update")]))
    await here.put(binding("status", "Role", "status", user("jane")))
    approval = {"status": {"approvedFor": {"prod": {"approvedAt": "2026-01-01T00:00:00Z"}}}}
    with acting(PROMOTER):
        await here.store.patch(key, approval, status=True)
    await here.bare.patch(key, {"status": {"approvedFor": None}}, status=True)
    whole = {**(await here.bare.get(key)).data, **approval}
    with acting(Principal("jane", user="jane")):
        await here.store.patch(key, {"status": {"metadata": {"a": "b"}}}, status=True)
        for deed in (
            lambda: here.store.patch(key, approval, status=True),
            lambda: here.store.update(whole, status=True),
        ):
            with pytest.raises(Denied, match="promote is not permitted"):
                await deed()
        await here.store.patch(key, {"status": 7}, status=True, dry_run=True)


@pytest.mark.parametrize("said", [{"verifiedIn": {"dev": {}}}, {"currentlyIn": {"dev": {}}}, {"verifiedIn": None}])
async def test_who_may_approve_cannot_say_that_freight_was_verified(here: World, said: dict[str, Json]) -> None:
    """It would open the Stages after that one, without the right to promote to any of them."""
    key = Key("Freight", "demo", await freight_of(here))
    await here.bare.patch(key, {"status": {"verifiedIn": {"prod": {}}}}, status=True)
    applied = {"apiVersion": V1, "kind": "Freight", "metadata": {"name": key.name, "namespace": "demo"}, "status": said}
    with acting(PROMOTER):
        for deed in (
            lambda: here.store.patch(key, {"status": said}, status=True),
            lambda: here.store.apply(applied, replace(APPLYING, status=True)),
        ):
            with pytest.raises(Denied, match="update is not permitted"):
                await deed()
        approval = {"approvedFor": {"dev": {"approvedAt": "2026-01-01T00:00:00Z"}}}
        await here.store.apply({**applied, "status": approval}, replace(APPLYING, status=True))


async def test_applying_something_new_takes_the_right_to_create_it_before_anything_is_made(here: World) -> None:
    await here.put(of_kind("ClusterRole", "patcher", rules=[rule("projects", "patch")]))
    await here.put(binding("patcher", "ClusterRole", "patcher", user("jane"), ""))
    with acting(Principal("jane", user="jane")):
        await here.store.apply(of_kind("Project", "demo"), APPLYING)
        with pytest.raises(Denied, match="create is not permitted"):
            await here.store.apply(of_kind("Project", "mine"), APPLYING)
    with pytest.raises(NotFound):
        await here.bare.get(Key("Namespace", "", "mine"))


@pytest.mark.parametrize(
    ("who", "recorded"),
    [
        ("email:jane@example.com", "email:jane@example.com"),
        ("admin", "admin"),
        ("kubernetes:jane", "forged"),
        ("controller:x", "forged"),
        ("", "forged"),
    ],
)
async def test_who_creates_a_project_after_signing_in_is_recorded(here: World, who: str, recorded: str) -> None:
    """And by that its first admin: nobody can name somebody else in their place who has signed in."""
    document = of_kind("Project", "mine")
    document["metadata"]["annotations"] = {"kargo.akuity.io/create-actor": "forged"}
    token = actor.set(who)
    try:
        with acting(CREATOR):
            made = await here.store.create(document)
    finally:
        actor.reset(token)
    assert made.meta["annotations"]["kargo.akuity.io/create-actor"] == recorded


async def test_a_patch_cannot_make_another_resource_of_one(here: World) -> None:
    await here.put(of_kind("Secret", "s", data={"a": "Yg=="}))
    with acting(ADMIN):
        for patch in (
            {"kind": "Stage", "apiVersion": "kargo.akuity.io/v1alpha1"},
            {"metadata": {"namespace": "other"}},
            {"metadata": {"name": "t"}},
            {"metadata": "nonsense"},
        ):
            with pytest.raises(Invalid):
                await here.store.patch(Key("Secret", "demo", "s"), patch)


async def test_the_rights_of_a_project_end_at_its_border(here: World) -> None:
    """An account counts where it is, whatever a binding elsewhere says of it, as in Kargo."""
    subject = {"kind": "ServiceAccount", "name": "kargo-admin", "namespace": "other"}
    await here.put(binding("guest", "Role", "kargo-viewer", subject))
    with acting(STRANGER), pytest.raises(Denied):
        await here.store.get(DEV)
    token = Principal("kubernetes:x", user="system:serviceaccount:other:kargo-admin")
    with acting(token):
        await here.store.get(DEV)


async def test_an_account_of_a_project_counts_for_the_project_itself(here: World) -> None:
    project = Key("Project", "", "demo")
    with acting(ADMIN):
        await here.store.update((await here.bare.get(project)).data)
        await here.store.delete(project, dry_run=True)
        with pytest.raises(Denied):
            await here.store.get(project)  # which Kargo's roles of a Project do not allow
    with acting(member("viewer")), pytest.raises(Denied):
        await here.store.delete(project)


async def test_what_is_no_kind_is_told_as_that(here: World) -> None:
    with acting(ADMIN):
        with pytest.raises(Invalid, match="is not a kind"):
            await here.store.get(Key("Nonsense", "demo", "x"))
        with pytest.raises((Invalid, Denied)):
            await here.store.create({"kind": "Role", "metadata": "nonsense"})


@pytest.mark.parametrize("nonsense", [7, "text", ["list"], {"a": {"b": []}}, None, True])
@pytest.mark.parametrize("kind", sorted({*KINDS_THAT_GIVE, *PROMOTING, "Freight"}))
async def test_nonsense_is_refused_and_breaks_nothing(here: World, kind: str, nonsense: Any) -> None:
    """Whatever is where something else should be: nobody is let in by it, and nothing unexpected is raised."""
    fields = ("metadata", "rules", "roleRef", "subjects", "aggregationRule", "spec", "status", "type", "data")
    places = [*fields, "annotations", "labels", "namespace", "name"]
    may = Principal("all", user="all")
    every = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
    await here.put(of_kind("ClusterRole", "writes", rules=[{**every, "verbs": ["create", "update", "patch"]}]))
    await here.put(binding("writes", "ClusterRole", "writes", user("all"), ""))
    for place in places:
        document = of_kind(kind, "new")
        (document if place in fields else document["metadata"])[place] = nonsense
        with acting(may):
            await written_in_vain(here.store, document)


async def written_in_vain(store: Store, document: dict[str, Any]) -> None:
    """Write a document in every way; errors that are meant are fine."""
    with contextlib.suppress(ArgosyError):
        await store.create(document, dry_run=True)
    for status in (False, True):
        with contextlib.suppress(ArgosyError):
            await store.update(document, status=status, dry_run=True)
    with contextlib.suppress(ArgosyError):
        await store.patch(Key(document["kind"], "demo", "kargo-viewer"), document, dry_run=True)


async def test_strategic_patches_of_roles_are_checked_too(here: World) -> None:
    with acting(ADMIN):
        key = Key("Role", "demo", "kargo-viewer")
        with pytest.raises(Denied, match='verb "escape" on "stages"'):
            await here.store.patch(key, {"rules": [rule("stages", "escape", "x")]}, PatchType.STRATEGIC)
