"""Reviews: whoever asks is told the truth about what they may do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.api.permission_case import People, let_in
from tests.store.permission_case import world

V1 = "/apis/authorization.k8s.io/v1"


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[People]:
    async with world(tmp_path) as made, let_in(made, tmp_path) as people:
        yield people


async def review(client: httpx2.AsyncClient, kind: str, spec: dict[str, Any], code: int = 201) -> Any:
    group = "authentication.k8s.io" if kind == "SelfSubjectReview" else "authorization.k8s.io"
    body = {"apiVersion": f"{group}/v1", "kind": kind, "spec": spec}
    answer = await client.post(f"/apis/{group}/v1/{kind.lower()}s", json=body)
    assert answer.status_code == code, answer.text
    return answer.json()


def resource(verb: str, resource: str, **more: str) -> dict[str, Any]:
    attributes = {"verb": verb, "resource": resource, "group": "kargo.akuity.io", "namespace": "demo", **more}
    return {"resourceAttributes": attributes}


ASKED = {
    "an admin may promote": ("admin", resource("promote", "stages"), True),
    "a promoter may promote": ("promoter", resource("promote", "stages", name="prod"), True),
    "a viewer may not promote": ("viewer", resource("promote", "stages"), False),
    "a promoter may approve": ("promoter", resource("patch", "freights", subresource="status"), True),
    "a promoter may not delete": ("promoter", resource("delete", "stages"), False),
    "an admin may not do all": ("admin", resource("*", "*", group="*"), False),
    "an admin may do nothing elsewhere": ("admin", resource("get", "stages", namespace="other"), False),
    "an admin may not do it everywhere": ("admin", resource("get", "stages", namespace=""), False),
    "an admin may delete the Project": ("admin", resource("delete", "projects", name="demo", namespace=""), True),
    "who may all may all": ("root", resource("*", "*", group="*"), True),
    "who may all may read paths": ("root", {"nonResourceAttributes": {"verb": "get", "path": "/metrics"}}, True),
    "a viewer may read no paths": ("viewer", {"nonResourceAttributes": {"verb": "get", "path": "/metrics"}}, False),
    "nobody may nothing": ("nobody", resource("get", "stages"), False),
}


@pytest.mark.parametrize(("who", "spec", "allowed"), ASKED.values(), ids=ASKED)
async def test_may_i(people: People, who: str, spec: dict[str, Any], allowed: bool) -> None:
    told = await review(people.client(who), "SelfSubjectAccessReview", spec)
    assert told["status"] == {"allowed": allowed}
    assert told["spec"] == spec


async def test_what_may_i(people: People) -> None:
    told = (await review(people.client("promoter"), "SelfSubjectRulesReview", {"namespace": "demo"}))["status"]
    assert told["incomplete"] is False
    promote = {"verbs": ["promote"], "apiGroups": ["kargo.akuity.io"], "resources": ["stages"]}
    assert promote in told["resourceRules"]
    assert told["nonResourceRules"] == []
    elsewhere = await review(people.client("promoter"), "SelfSubjectRulesReview", {"namespace": "other"})
    assert elsewhere["status"]["resourceRules"] == []
    every = (await review(people.client("root"), "SelfSubjectRulesReview", {"namespace": "demo"}))["status"]
    assert every["resourceRules"] == [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]


async def test_who_am_i(people: People) -> None:
    told = await review(people.client("viewer"), "SelfSubjectReview", {})
    assert told["status"]["userInfo"] == {"username": "email:viewer@demo"}
    told = await review(people.client("robot"), "SelfSubjectReview", {})
    assert told["status"]["userInfo"] == {
        "username": "system:serviceaccount:demo:kargo-promoter",
        "groups": ["system:authenticated", "system:serviceaccounts"],
    }


async def test_may_somebody_else(people: People) -> None:
    who = {"user": "system:serviceaccount:demo:kargo-viewer", "groups": ["system:authenticated"]}
    root = people.client("root")
    for verb, allowed in (("get", True), ("promote", False)):
        told = await review(root, "SubjectAccessReview", {**resource(verb, "stages"), **who})
        assert told["status"] == {"allowed": allowed}
    refused = await review(people.client("admin"), "SubjectAccessReview", {**resource("get", "stages"), **who}, 403)
    assert refused["message"].startswith("subjectaccessreviews.authorization.k8s.io is forbidden")
    await review(root, "SubjectAccessReview", resource("get", "stages"), 400)
    await review(root, "SubjectAccessReview", {**resource("get", "stages"), "user": 7, "groups": "x"}, 400)


@pytest.mark.parametrize(
    "spec", [{}, {"resourceAttributes": "x"}, {**resource("get", "x"), "nonResourceAttributes": {"path": "/"}}]
)
async def test_a_review_asks_about_one_thing(people: People, spec: dict[str, Any]) -> None:
    await review(people.client("viewer"), "SelfSubjectAccessReview", spec, 400)


@pytest.mark.parametrize("who", ["root", "viewer"])
@pytest.mark.parametrize("header", ["Impersonate-User", "impersonate-group", "Impersonate-Extra-scopes"])
async def test_nobody_acts_as_somebody_else(people: People, who: str, header: str) -> None:
    answer = await people.client(who).get(f"{V1}", headers={header: "jane"})
    assert answer.status_code == 403
    assert answer.json()["message"].startswith("nobody may act as somebody else here")


async def test_a_watch_that_is_not_allowed_is_refused_before_it_begins(people: People) -> None:
    path = "/apis/kargo.akuity.io/v1alpha1/namespaces/other/stages?watch=true"
    answer = await people.client("admin").get(path)
    assert (answer.status_code, answer.json()["reason"]) == (403, "Forbidden")


async def test_deleting_a_collection_is_a_right_of_its_own(people: People) -> None:
    path = "/apis/kargo.akuity.io/v1alpha1/namespaces/demo"
    for name, code in (("stages", 200), ("promotions", 403)):
        assert (await people.client("admin").delete(f"{path}/{name}")).status_code == code
    assert (await people.client("promoter").delete(f"{path}/stages")).status_code == 403
