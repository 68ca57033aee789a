"""The webhooks' protocol: what an API server may send, and what it is answered."""

from __future__ import annotations

import base64
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import jsonpatch
import orjson
import pytest
from tests.rules.pipeline_case import freight, resource, stage

from argosy.api.webhook import Webhooks
from argosy.errors import NotFound, Temporary
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Key
from argosy.rules.authorization import Action, Subject
from argosy.rules.webhook import Caller, ControlPlane
from argosy.store.admittance import Admittance
from argosy.store.base import Query
from argosy.store.sql import SqlStore, open_store
from argosy.testing.clock import FakeClock

Data = dict[str, Any]
PROJECT = {"apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Project", "metadata": {"name": "p"}}


FLOW = "argosy/promotion-flow"


@dataclass
class Asked:
    """Says who may promote, and remembers who was asked about."""

    allowed: bool = True
    fault: Exception | None = None
    callers: list[tuple[str, str, str]] = field(default_factory=list)

    async def allows(self, subject: Subject, action: Action) -> bool:
        assert (action.verb, action.group, action.resource) == ("promote", "kargo.akuity.io", "stages")
        self.callers.append((subject.user, action.namespace, action.name))
        if self.fault is not None:
            raise self.fault
        return self.allowed


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    (tmp_path / "data").mkdir()
    url = f"sqlite:///{tmp_path / 'data' / 'argosy.db'}"
    store = open_store(url, KINDS, clock=FakeClock(), key_file=tmp_path / "keys" / "keys")
    yield store
    await store.close()


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
async def client(store: SqlStore, asked: Asked) -> AsyncIterator[httpx2.AsyncClient]:
    admit = Admittance(store, FakeClock(), random.Random(1))
    app = Webhooks(admit, asked, ControlPlane("system:serviceaccount:a:argosy", "kargo-.*")).app
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="https://webhooks") as client:
        yield client


def review(new: Data | None, old: Data | None = None, **more: Any) -> Data:
    meta = (new or old or {})["metadata"]
    operation = "CREATE" if old is None else "UPDATE" if new is not None else "DELETE"
    request = {"uid": "u1", "operation": operation, "object": new, "oldObject": old, "userInfo": {"username": "alice"}}
    placed = {"namespace": meta.get("namespace", ""), "name": meta.get("name", "")}
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {**request, **placed, **more}}


async def answered(client: httpx2.AsyncClient, path: str, content: Data) -> Data:
    answer = await client.post(path, content=orjson.dumps(content))
    assert answer.status_code == 200
    assert answer.json()["kind"] == "AdmissionReview"
    response: Data = answer.json()["response"]
    assert response["uid"] == "u1"
    return response


async def in_project(store: SqlStore) -> None:
    labels = {"kargo.akuity.io/project": "true"}
    await store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "p", "labels": labels}})


async def test_a_patch_makes_of_the_document_what_admission_would(client: httpx2.AsyncClient, store: SqlStore) -> None:
    await in_project(store)
    raw = stage("dev")
    raw["spec"]["shard"] = "east"
    response = await answered(client, "/mutate/stage", review(raw))
    assert (response["allowed"], response["patchType"]) == (True, "JSONPatch")
    changed = jsonpatch.apply_patch(raw, orjson.loads(base64.b64decode(response["patch"])))
    assert changed == {**raw, "metadata": {**raw["metadata"], "labels": {"kargo.akuity.io/shard": "east"}}}


async def test_what_needs_no_change_gets_no_patch(client: httpx2.AsyncClient, store: SqlStore) -> None:
    await in_project(store)
    assert await answered(client, "/mutate/stage", review(stage("dev"))) == {"uid": "u1", "allowed": True}


async def test_a_refusal_tells_every_fault_with_its_field(client: httpx2.AsyncClient, store: SqlStore) -> None:
    await in_project(store)
    raw = stage("dev")
    raw["spec"]["requestedFreight"] = []
    raw["spec"]["shadr"] = "east"
    response = await answered(client, "/mutate/stage", review(raw))
    assert not response["allowed"]
    status = response["status"]
    assert (status["code"], status["reason"]) == (422, "Invalid")
    assert {cause["field"] for cause in status["details"]["causes"]} == {"spec.requestedFreight", "spec.shadr"}


async def test_mutation_and_dry_runs_leave_no_namespace_and_validation_makes_it(
    client: httpx2.AsyncClient, store: SqlStore
) -> None:
    assert (await answered(client, "/mutate/project", review(PROJECT)))["allowed"]
    assert (await answered(client, "/validate/project", review(PROJECT, dryRun=True)))["allowed"]
    with pytest.raises(NotFound):
        await store.get(Key("Namespace", "", "p"))
    assert (await answered(client, "/validate/project", review(PROJECT)))["allowed"]
    assert (await store.get(Key("Namespace", "", "p"))).meta["finalizers"] == ["kargo.akuity.io/finalizer"]


@pytest.mark.parametrize("user", ["system:serviceaccount:a:argosy", "kargo-controller"])
async def test_the_control_plane_passes(client: httpx2.AsyncClient, asked: Asked, user: str) -> None:
    raw = resource("Promotion", "x", spec={})
    response = await answered(client, "/validate/promotion", review(raw, userInfo={"username": user}))
    assert (response["allowed"], asked.callers) == (True, [])


@pytest.mark.parametrize("user", ["system:serviceaccount:b:argosy", "my-kargo-controller", "kargo"])
async def test_nobody_else_passes_for_it(client: httpx2.AsyncClient, asked: Asked, user: str) -> None:
    raw = resource("Promotion", "x", spec={})
    assert not (await answered(client, "/validate/promotion", review(raw, userInfo={"username": user})))["allowed"]


def test_a_login_that_people_share_counts_as_argosys_own_where_argosy_writes() -> None:
    assert not ControlPlane(own="admin").includes(Caller("admin"), "kubectl-create")
    assert ControlPlane(own="admin").includes(Caller("admin"), "argosy")
    assert not ControlPlane(own="admin").includes(Caller("eve"), "argosy")
    assert not ControlPlane().includes(Caller(""), "argosy")


async def test_what_argosy_writes_as_a_person_is_admitted_and_told_once(store: SqlStore, asked: Asked) -> None:
    await in_project(store)
    app = Webhooks(Admittance(store, FakeClock(), random.Random(1)), asked, ControlPlane("alice")).app
    raw = resource("Promotion", "x", spec={})
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="https://webhooks") as client:
        for path in ("/mutate/promotion", "/validate/promotion"):
            answer = await answered(client, path, review(raw, options={"fieldManager": "argosy"}))
            assert answer == {"uid": "u1", "allowed": True}
        answer = await answered(client, "/mutate/promotion", review(raw, options={"fieldManager": "kubectl-create"}))
        assert not answer["allowed"]
    assert not (await store.list(Query("Event", "p"))).documents


async def test_an_authority_that_fails_refuses(client: httpx2.AsyncClient, asked: Asked) -> None:
    asked.fault = Temporary("the API server cannot be reached", after=3)
    old = resource("Promotion", "x", spec={"stage": "dev"})
    response = await answered(client, "/validate/promotion", review(None, old))
    assert (response["allowed"], response["status"]["code"]) == (False, 503)
    asked.fault = RuntimeError("with a secret in it")
    response = await answered(client, "/validate/promotion", review(None, old))
    assert (response["allowed"], response["status"]["code"]) == (False, 500)
    assert "secret" not in str(response)


async def test_what_is_left_without_an_owner_may_be_collected(client: httpx2.AsyncClient, asked: Asked) -> None:
    asked.allowed = False
    old = resource("Promotion", "x", spec={"stage": "dev"})
    collector = {"username": "system:serviceaccount:kube-system:generic-garbage-collector"}
    assert (await answered(client, "/validate/promotion", review(None, old, userInfo=collector)))["allowed"]
    assert not (await answered(client, "/validate/promotion", review(None, old)))["allowed"]
    assert asked.callers == [("alice", "p", "dev")]


@pytest.mark.parametrize(
    ("user", "groups", "operation", "allowed"),
    [
        ("alice", [], "UPDATE", False),
        ("alice", ["system:masters"], "UPDATE", True),
        ("system:serviceaccount:a:argosy", [], "UPDATE", True),
        ("system:serviceaccount:kube-system:namespace-controller", [], "DELETE", True),
        ("system:serviceaccount:kube-system:namespace-controller", [], "UPDATE", False),
    ],
)
async def test_copies_are_changed_by_the_control_plane(
    client: httpx2.AsyncClient, user: str, groups: list[str], operation: str, allowed: bool
) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "p"}}
    asked = review(secret, secret, operation=operation, userInfo={"username": user, "groups": groups})
    assert (await answered(client, "/validate/replica", asked))["allowed"] is allowed
    assert (await client.post("/mutate/replica", content=b"{}")).status_code == 400


async def test_freight_in_use_goes_with_its_namespace_only(client: httpx2.AsyncClient, store: SqlStore) -> None:
    await in_project(store)
    await store.create(stage("dev"))
    history = [{"id": "1", "items": {"Warehouse/w": {"name": "f"}}}]
    await store.patch(Key("Stage", "p", "dev"), {"status": {"freightHistory": history}}, status=True)
    asked = review(None, freight("f"))
    assert not (await answered(client, "/validate/freight", asked))["allowed"]
    asked["request"]["userInfo"] = {"username": "system:serviceaccount:kube-system:namespace-controller"}
    assert (await answered(client, "/validate/freight", asked))["allowed"]


async def test_a_resource_that_is_being_deleted_can_be_let_go_whatever_it_says(client: httpx2.AsyncClient) -> None:
    old = stage("dev")
    old["spec"]["requestedFreight"] = []
    old["metadata"] |= {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["a/b"]}
    new = {**old, "metadata": {**old["metadata"], "finalizers": []}}
    for verb in ("mutate", "validate"):
        assert (await answered(client, f"/{verb}/stage", review(new, old)))["allowed"]
    changed = {**new, "spec": {**new["spec"], "shard": "x"}}
    assert not (await answered(client, "/mutate/stage", review(changed, old)))["allowed"]


async def test_an_approval_is_told_unless_it_is_a_dry_run(client: httpx2.AsyncClient, store: SqlStore) -> None:
    await in_project(store)
    old = freight("f")
    new = {**old, "status": {"approvedFor": {"dev": {}}}}
    await answered(client, "/validate/freight", review(new, old, subResource="status", dryRun=True))
    assert not (await store.list(Query("Event", "p"))).documents
    await answered(client, "/validate/freight", review(new, old, subResource="status"))
    assert [each.data["reason"] for each in (await store.list(Query("Event", "p"))).documents] == ["FreightApproved"]


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/mutate/stage", b"{", 400),
        ("/mutate/stage", b"[]", 400),
        ("/mutate/stage", b'{"request": {"uid": 3}}', 400),
        ("/mutate/stage", b'{"request": {"uid": "u", "userInfo": {"groups": 5}}}', 400),
        ("/mutate/stage", b'{"request": {"uid": "u", "userInfo": {"extra": [1]}}}', 400),
        ("/mutate/secret", b"{}", 404),
        ("/elsewhere", b"{}", 404),
    ],
)
async def test_what_is_no_review_is_refused(client: httpx2.AsyncClient, path: str, body: bytes, code: int) -> None:
    assert (await client.post(path, content=body)).status_code == code


async def test_a_review_of_nonsense_is_refused_and_no_fault_of_ours(client: httpx2.AsyncClient) -> None:
    known = {"apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Stage"}
    told = [{**known, "metadata": {"name": "x", "annotations": wrong}} for wrong in (["a"], "b", {FLOW: [1]})]
    for value in ("text", 3, [], {"metadata": "x"}, {"kind": "Stage", "metadata": {"resourceVersion": "x"}}, *told):
        content = {"request": {"uid": "u1", "operation": "CREATE", "object": value, "namespace": "p"}}
        response = await answered(client, "/mutate/stage", content)
        assert response.get("status", {}).get("code") != 500
