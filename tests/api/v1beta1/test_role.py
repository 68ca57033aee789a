"""Kargo's roles over HTTP, and that nobody makes themselves mightier by them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.api.permission_case import People, let_in
from tests.store.permission_case import World, world

from argosy.resources.meta import Key

ROLES = "/v1beta1/projects/demo/roles"
READ = {"apiGroups": ["kargo.akuity.io"], "resources": ["stages"], "verbs": ["get", "list"]}
DEVS = {"name": "groups", "values": ["devs"]}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


@pytest.fixture
async def people(here: World, tmp_path: Path) -> AsyncIterator[People]:
    async with let_in(here, tmp_path) as people:
        yield people


def role(name: str = "ops", **more: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name},
        "claims": [DEVS],
        "rules": [{"resources": ["stages"], "verbs": ["get"]}],
        **more,
    }


async def send(people: People, who: str, method: str, path: str, body: Any = None, code: int = 200) -> Any:
    answer = await people.client(who).request(method, f"{ROLES}{path}", json=body)
    assert answer.status_code == code, answer.text
    return answer.json() if answer.content else None


async def test_a_role_is_three_resources(here: World, people: People) -> None:
    annotations = {"kargo.akuity.io/description": "operators", "other": "x"}
    made = await send(
        people, "admin", "POST", "", {**role(), "metadata": {"name": "ops", "annotations": annotations}}, 201
    )
    assert made["kargoManaged"] is True
    assert made["claims"] == [DEVS]
    assert made["rules"] == [{**READ, "verbs": ["get"]}]
    assert made["metadata"]["annotations"] == {"kargo.akuity.io/description": "operators"}
    assert await send(people, "viewer", "GET", "/ops") == made
    parts = await send(people, "viewer", "GET", "/ops?as-resources=true")
    assert parts["serviceAccount"]["metadata"]["name"] == parts["roles"][0]["metadata"]["name"] == "ops"
    assert parts["roleBindings"][0]["subjects"][0]["name"] == "ops"
    assert (await send(people, "admin", "POST", "", role(), 409))["reason"] == "AlreadyExists"
    await send(people, "admin", "DELETE", "/ops", code=204)
    for kind in ("ServiceAccount", "Role", "RoleBinding"):
        assert Key(kind, "demo", "ops") not in {each.key for each in (await listed(here, kind))}
    await send(people, "admin", "GET", "/ops", code=404)


async def listed(here: World, kind: str) -> Any:
    from argosy.store.base import Query

    return (await here.bare.list(Query(kind, "demo"))).documents


async def test_the_roles_of_a_project_are_listed_by_name(people: People) -> None:
    await send(people, "admin", "POST", "", role("another"), 201)
    found = await send(people, "viewer", "GET", "")
    assert [each["metadata"]["name"] for each in found] == ["another", "kargo-admin", "kargo-promoter", "kargo-viewer"]
    assert {"apiGroups": ["kargo.akuity.io"], "resources": ["stages"], "verbs": ["promote"]} not in found[3]["rules"]
    told = await send(people, "viewer", "GET", "?as-resources=true")
    assert [each["metadata"]["name"] for each in told] == [each["metadata"]["name"] for each in found]


async def test_roles_are_given_to_people_and_taken_from_them(here: World, people: People) -> None:
    claims = {"claims": [DEVS, {"name": "email", "values": ["x@example.com"]}]}
    given = await send(people, "admin", "POST", "/grants", {"role": "kargo-promoter", "userClaims": claims})
    assert given["claims"] == [{"name": "email", "values": ["x@example.com"]}, DEVS]
    accounts = await here.rights.accounts({"groups": ["devs"], "sub": "1"})
    assert accounts == {("demo", "kargo-promoter")}
    taken = await send(
        people, "admin", "POST", "/revocations", {"role": "kargo-promoter", "userClaims": {"claims": [DEVS]}}
    )
    assert taken["claims"] == [{"name": "email", "values": ["x@example.com"]}]
    assert await here.rights.accounts({"groups": ["devs"]}) == frozenset()


async def test_roles_allow_more_and_less(people: People) -> None:
    await send(people, "admin", "POST", "", role(), 201)
    more = {"resourceType": "stages", "resourceName": "dev", "verbs": ["promote"]}
    given = await send(people, "admin", "POST", "/grants", {"role": "ops", "resourceDetails": more})
    assert given["rules"] == [{**READ, "verbs": ["get"]}, {**READ, "verbs": ["promote"], "resourceNames": ["dev"]}]
    less = {"resourceType": "stages", "verbs": ["*"]}
    assert "rules" not in await send(people, "admin", "POST", "/revocations", {"role": "ops", "resourceDetails": less})


async def test_a_role_is_replaced(people: People) -> None:
    await send(people, "admin", "POST", "", role(), 201)
    new = role(claims=[], rules=[{"resources": ["warehouses"], "verbs": ["*"]}])
    told = await send(people, "admin", "PUT", "/ops", new)
    assert "claims" not in told
    assert [each["resources"] for each in told["rules"]] == [["warehouses"]]
    await send(people, "admin", "PUT", "/ops", role("other"), 400)
    await send(people, "admin", "PUT", "/none", role("none"), 404)


ESCALATING: dict[str, tuple[str, str, Any]] = {
    "a role with more": ("POST", "", role("x", rules=[{"resources": ["promotions"], "verbs": ["update"]}])),
    "more in a role": (
        "PUT",
        "/kargo-viewer",
        role("kargo-viewer", rules=[{"resources": ["projects"], "verbs": ["get"]}]),
    ),
    "a verb more": (
        "POST",
        "/grants",
        {"role": "kargo-viewer", "resourceDetails": {"resourceType": "stages/status", "verbs": ["patch"]}},
    ),
}


@pytest.mark.parametrize(("method", "path", "body"), ESCALATING.values(), ids=ESCALATING)
async def test_nobody_makes_themselves_mightier(people: People, method: str, path: str, body: Any) -> None:
    told = await send(people, "admin", method, path, body, 403)
    assert "nobody may grant what they may not do themselves" in told["error"]
    for who in ("promoter", "viewer", "stranger", "nobody"):
        await send(people, who, method, path, body, 403)


async def test_a_role_that_cannot_be_made_whole_is_not_begun(here: World, people: People) -> None:
    before = await here.bare.version()
    await send(people, "promoter", "POST", "", role(), 403)
    await send(people, "admin", "POST", "", role("x", rules=[{"resources": ["nonsense"], "verbs": ["get"]}]), 400)
    assert await here.bare.version() == before


WRONG: dict[str, tuple[str, str, Any, int]] = {
    "no name": ("POST", "", {"metadata": {}}, 400),
    "another Project": ("POST", "", {"metadata": {"name": "x", "namespace": "other"}}, 409),
    "another form": ("POST", "", {"metadata": {"name": "x"}, "rules": "all"}, 400),
    "an unknown field": ("POST", "", {"metadata": {"name": "x"}, "rulez": []}, 400),
    "a singular": ("POST", "", role("x", rules=[{"resources": ["stage"], "verbs": ["get"]}]), 400),
    "a grant of nothing": ("POST", "/grants", {"role": "kargo-viewer"}, 400),
    "a grant of no role": ("POST", "/grants", {"userClaims": {"claims": []}}, 400),
    "a role that is not there": ("POST", "/revocations", {"role": "none", "userClaims": {"claims": []}}, 404),
}


@pytest.mark.parametrize(("method", "path", "body", "code"), WRONG.values(), ids=WRONG)
async def test_bad_requests_are_told(people: People, method: str, path: str, body: Any, code: int) -> None:
    assert (await send(people, "admin", method, path, body, code))["error"]


async def test_roles_of_the_system_are_shown_to_those_who_may_see_them(people: People) -> None:
    client = people.client("system-admin")
    found = (await client.get("/v1beta1/system/roles")).json()
    names = ["kargo-admin", "kargo-project-creator", "kargo-user", "kargo-viewer"]
    assert [each["metadata"]["name"] for each in found] == names
    one = (await client.get("/v1beta1/system/roles/kargo-user")).json()
    assert {"apiGroups": ["kargo.akuity.io"], "resources": ["projects"], "verbs": ["get", "list", "watch"]} in one[
        "rules"
    ]
    assert (await client.get("/v1beta1/system/roles/none")).status_code == 404
    for who in ("admin", "user", "nobody"):
        assert (await people.client(who).get("/v1beta1/system/roles")).status_code == 403
