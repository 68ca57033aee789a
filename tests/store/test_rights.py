"""Whose rights somebody has, and how what is known of roles keeps up with the store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.store.permission_case import ADMIN, SYSTEM, World, binding, member, of_kind, role, rule, user, world

from argosy.errors import Denied
from argosy.resources.meta import Document, Key
from argosy.rules.authorization import Action, Subject
from argosy.store.principal import Principal
from argosy.store.rights import NoRoles, Rights
from argosy.store.rights_cluster import ClusterRights
from argosy.testing.clock import FakeClock, settle

GET = Action("get", "stages", "demo", "dev", "kargo.akuity.io")


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


def claiming(name: str, claims: str, namespace: str = "demo") -> dict[str, Any]:
    account = of_kind("ServiceAccount", name, namespace)
    account["metadata"]["annotations"] = {"rbac.kargo.akuity.io/claims": claims}
    return account


async def test_where_there_are_no_roles_only_those_may_who_may_all() -> None:
    rights = Rights(NoRoles())
    assert await rights.allows(GET, Principal("admin", may_all=True))
    assert not await rights.allows(GET, ADMIN)
    assert not await rights.allows(GET, None)
    assert await rights.accounts({"sub": "1"}) == frozenset()
    with pytest.raises(Denied):
        await rights.require("promote", "stages", "demo", "dev")


async def test_claims_match_accounts_of_projects_and_of_global_namespaces(here: World) -> None:
    await here.put(of_kind("Namespace", "elsewhere"))
    for namespace in ("demo", SYSTEM, "elsewhere"):
        await here.put(claiming("ops", '{"groups": ["ops"], "email": ["jane@example.com"]}', namespace))
    mine = {("demo", "ops"), (SYSTEM, "ops")}
    assert await here.rights.accounts({"groups": ["devs", "ops"]}) == mine
    assert await here.rights.accounts({"email": "jane@example.com", "sub": "1"}) == mine
    assert await here.rights.accounts({"email": ["other@example.com"]}) == frozenset()


async def test_an_index_of_claims_follows_what_becomes_of_accounts(here: World) -> None:
    made = await here.put(claiming("ops", '{"groups": ["ops"]}'))
    changed = await here.bare.update(claiming("ops", '{"groups": ["devs"]}'))
    await until(lambda: here.rights.accounts({"groups": ["devs"]}), {("demo", "ops")})
    assert await here.rights.accounts({"groups": ["ops"]}) == frozenset()
    assert changed.version > made.version
    await here.bare.delete(changed.key)
    await until(lambda: here.rights.accounts({"groups": ["devs"]}), frozenset())


async def test_roles_are_known_that_were_written_by_others(here: World) -> None:
    """Controllers write below the store of principals: their roles are learnt by watching."""
    jane = Principal("jane", user="jane")
    await here.bare.create(role("r", [rule("stages", "get")]))
    await here.bare.create(binding("r", "Role", "r", user("jane")))
    await until(lambda: here.rights.allows(GET, jane), True)
    await here.bare.patch(Key("Role", "demo", "r"), {"rules": []})
    await until(lambda: here.rights.allows(GET, jane), False)


async def test_what_goes_with_a_namespace_allows_nothing_more(here: World) -> None:
    assert await here.rights.allows(GET, ADMIN)
    await here.bare.delete(Key("Project", "", "demo"))
    await here.bare.delete(Key("Namespace", "", "demo"))
    await until(lambda: here.rights.allows(GET, ADMIN), False)


async def until(ask: Any, wanted: object) -> None:
    """What a watch tells is there in a moment."""
    async with asyncio.timeout(10):
        while await ask() != wanted:  # noqa: ASYNC110 - a watch of another task
            await asyncio.sleep(0.005)


async def test_an_account_counts_in_its_namespace_for_its_project_and_everywhere_if_that_is_global(here: World) -> None:
    far = Principal("far", accounts=frozenset({(SYSTEM, "far")}))
    subject = {"kind": "ServiceAccount", "name": "far", "namespace": SYSTEM}
    await here.put(binding("far", "Role", "kargo-viewer", subject))
    await here.put(binding("far", "ClusterRole", "kargo-user", subject, ""))
    assert await here.rights.allows(GET, far)
    assert not await here.rights.allows(Action("get", "stages", "other", "dev", "kargo.akuity.io"), far)
    project = Action("delete", "projects", "", "demo", "kargo.akuity.io")
    assert await here.rights.allows(project, ADMIN)
    assert not await here.rights.allows(Action("delete", "projects", "", "other", "kargo.akuity.io"), ADMIN)
    assert not await here.rights.allows(Action("delete", "projects", "", "", "kargo.akuity.io"), ADMIN)


async def test_the_rules_of_somebody_are_those_of_all_that_they_are(here: World) -> None:
    both = Principal("both", accounts=frozenset({("demo", "kargo-viewer"), ("demo", "kargo-promoter")}))
    rules, is_all = await here.rights.rules("demo", both)
    assert is_all
    assert len(rules) == len(set(map(repr, rules)))
    one, _ = await here.rights.rules("demo", member("promoter"))
    assert {repr(each) for each in one} < {repr(each) for each in rules}
    assert await here.rights.rules("demo", None) == ([], True)


class Reviewer:
    """Answers, and notes who was asked about."""

    def __init__(self) -> None:
        self.subjects: list[Subject] = []
        self.answer = True

    @property
    def asked(self) -> int:
        return len(self.subjects)

    async def allows(self, subject: Subject, action: Action) -> bool:
        self.subjects.append(subject)
        return self.answer


async def test_a_cluster_is_asked_about_all_that_it_said_of_its_user() -> None:
    reviewer = Reviewer()
    extra = (("scopes", ("a", "b")),)
    jane = Principal("kubernetes:jane", user="jane", groups=frozenset({"x"}), uid="7", extra=extra)
    assert await Rights(ClusterRights(reviewer, FakeClock())).allows(GET, jane)
    assert reviewer.subjects == [Subject("jane", frozenset({"x"}), "7", extra)]


async def test_an_answer_of_a_cluster_holds_for_a_moment() -> None:
    clock, reviewer = FakeClock(), Reviewer()
    rights, who = ClusterRights(reviewer, clock), Subject("jane")
    assert [await rights.allows(who, GET) for _ in range(3)] == [True] * 3
    reviewer.answer = False
    await clock.advance(9)
    assert await rights.allows(who, GET)
    assert reviewer.asked == 1
    await clock.advance(2)
    assert not await rights.allows(who, GET)
    reviewer.answer = True
    await clock.advance(4)
    assert not await rights.allows(who, GET)
    assert reviewer.asked == 2
    assert await rights.rules(who, "demo") is None


async def test_a_role_that_is_written_ends_what_a_cluster_answered() -> None:
    reviewer = Reviewer()
    rights, who = ClusterRights(reviewer, FakeClock()), Subject("jane")
    reviewer.answer = False
    assert not await rights.allows(who, GET)
    reviewer.answer = True
    other, written = of_kind("Stage", "dev"), role("r", [])
    for document, allowed in ((other, False), (written, True)):
        document["metadata"]["resourceVersion"] = "1"
        rights.learn(Document.of(document))
        assert await rights.allows(who, GET) is allowed
    await settle()


class Interrupted(Reviewer):
    """Somebody writes a role while it answers."""

    def __init__(self, write: Callable[[], None]) -> None:
        super().__init__()
        self._write = write

    async def allows(self, subject: Subject, action: Action) -> bool:
        answer = await super().allows(subject, action)
        self._write()
        return answer


async def test_an_answer_that_is_under_way_while_a_role_is_written_holds_for_nobody_else() -> None:
    written, who = role("r", []), Subject("jane")
    written["metadata"]["resourceVersion"] = "1"
    reviewer = Interrupted(lambda: rights.learn(Document.of(written)))
    rights = ClusterRights(reviewer, FakeClock())
    assert await rights.allows(who, GET)
    reviewer.answer = False
    assert not await rights.allows(who, GET)
