"""API tokens: made for a role, as good as it, and of no use once they are deleted, expired, or the role is gone."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from tests.api.sign_in_case import SYSTEM, TOKEN, House, Present, house

from argosy.api.answer import Refused
from argosy.api.authentication.api_token import ApiTokens, issue
from argosy.api.authentication.kubernetes_token import REMEMBERED_SECONDS, KubernetesTokens
from argosy.clients.token_review import User
from argosy.resources.meta import Json, Key
from argosy.testing.clock import FakeClock

PROJECT = "demo"
TOKENS = f"/v1beta1/projects/{PROJECT}/api-tokens"
ROLE = f"/v1beta1/projects/{PROJECT}/roles/ci/api-tokens"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with house(tmp_path_factory.mktemp("house"), Present()) as visited:
        meta = {"name": PROJECT}
        for document in (
            {"apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Project", "metadata": meta},
            _account("ci", PROJECT),
            _account("other", PROJECT),
            _account("machine", SYSTEM),
            _account("kargo-viewer", SYSTEM, labels={"rbac.kargo.akuity.io/system-role": "true"}),
        ):
            await visited.store.create(document)
        yield visited


def _account(name: str, namespace: str, **meta: Any) -> dict[str, Json]:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace, **meta}}


async def make(here: House, name: str, path: str = ROLE, **body: Any) -> httpx2.Response:
    return await here.ask(TOKEN, "POST", path, json={"name": name, **body})


async def token_of(here: House, name: str, **body: Any) -> str:
    answer = await make(here, name, **body)
    assert answer.status_code == 201, answer.text
    return base64.b64decode(answer.json()["data"]["token"]).decode()


class TestTokens:
    """In one house."""

    pytestmark = pytest.mark.asyncio(loop_scope="module")

    async def test_a_token_acts_as_its_account(self, here: House) -> None:
        told = (await here.ask(await token_of(here, "acts"))).json()
        user = f"system:serviceaccount:{PROJECT}:ci"
        assert (told["actor"], told["mayAll"]) == (f"kubernetes:{user}", False)
        assert f"system:serviceaccounts:{PROJECT}" in told["groups"]

    async def test_a_watch_ends_with_it(self, here: House) -> None:
        name = "watching"
        meta = {"name": name, "namespace": PROJECT}
        rule = {"apiGroups": ["kargo.akuity.io"], "resources": ["stages"], "verbs": ["watch"]}
        reference = {"apiGroup": GROUP, "kind": "Role", "name": name}
        subjects = [{"kind": "ServiceAccount", **meta}]
        for kind, more in (("Role", {"rules": [rule]}), ("RoleBinding", {"roleRef": reference, "subjects": subjects})):
            written = {"apiVersion": f"{GROUP}/v1", "kind": kind, "metadata": meta, **more}
            here.backend.rights.learn(await here.store.create(written))
        await here.store.create(_account(name, PROJECT))
        token = base64.b64decode((await make(here, name, ROLE.replace("ci", name))).json()["data"]["token"]).decode()
        watching = asyncio.create_task(here.ask(token, path=f"/v1beta1/projects/{PROJECT}/stages?watch=true"))
        assert not (await asyncio.wait({watching}, timeout=0.1))[0]
        assert (await here.ask(TOKEN, "DELETE", f"{TOKENS}/{name}")).status_code == 204
        async with asyncio.timeout(5):
            assert (await watching).status_code == 200

    async def test_it_has_the_rights_of_its_role_and_no_more(self, here: House) -> None:
        token = await token_of(here, "rights")
        path = f"/v1beta1/projects/{PROJECT}/stages"
        assert (await here.ask(token, "GET", path)).status_code == 403
        rule = {"apiGroups": ["kargo.akuity.io"], "resources": ["stages"], "verbs": ["list"]}
        binding = {"kind": "RoleBinding", "roleRef": {"apiGroup": GROUP, "kind": "Role", "name": "ci"}}
        subject = {"kind": "ServiceAccount", "name": "ci", "namespace": PROJECT}
        for document in ({"kind": "Role", "rules": [rule]}, {**binding, "subjects": [subject]}):
            meta = {"name": "ci", "namespace": PROJECT}
            written = {"apiVersion": f"{GROUP}/v1", "metadata": meta, **document}
            place = f"/apis/{GROUP}/v1/namespaces/{PROJECT}/{document['kind'].lower()}s"
            assert (await here.ask(TOKEN, "POST", place, json=written)).status_code == 201
        assert (await here.ask(token, "GET", path)).status_code == 200
        assert (await here.ask(token, "GET", TOKENS)).status_code == 403

    async def test_it_is_shown_once(self, here: House) -> None:
        token = await token_of(here, "secret")
        kept = (await here.store.get(Key("Secret", PROJECT, "secret"))).raw.decode()
        one = await here.ask(TOKEN, "GET", f"{TOKENS}/secret")
        listed = await here.ask(TOKEN, "GET", TOKENS)
        shown = base64.b64decode(one.json()["data"]["token"]).decode()
        assert shown == "*** REDACTED ***"
        assert [*one.json()["data"]] == ["token"], "not even its digest"
        for text in (kept, one.text, listed.text):
            assert token not in text
            assert base64.b64encode(token.encode()).decode() not in text

    async def test_tokens_are_listed_by_role(self, here: House) -> None:
        await make(here, "of-other", ROLE.replace("/ci/", "/other/"))
        found = (await here.ask(TOKEN, "GET", TOKENS, params={"role": "other"})).json()
        assert ([each["metadata"]["name"] for each in found["items"]], found["kind"]) == (["of-other"], "SecretList")
        assert (await here.ask(TOKEN, "GET", TOKENS, params={"role": "nobody"})).status_code == 404

    async def test_deleting_it_takes_effect_at_once(self, here: House) -> None:
        token = await token_of(here, "gone")
        assert (await here.ask(token)).status_code == 200
        assert (await here.ask(TOKEN, "DELETE", f"{TOKENS}/gone")).status_code == 204
        assert (await here.ask(token)).status_code == 401
        again = await token_of(here, "gone")
        assert (await here.ask(token)).status_code == 401, "another token of the same name does not revive it"
        assert (await here.ask(again)).status_code == 200

    async def test_a_token_dies_with_its_account(self, here: House) -> None:
        await here.store.create(_account("brief", PROJECT))
        answer = await make(here, "brief", ROLE.replace("/ci/", "/brief/"))
        token = base64.b64decode(answer.json()["data"]["token"]).decode()
        assert (await here.ask(token)).status_code == 200
        await here.store.delete(Key("ServiceAccount", PROJECT, "brief"), propagation="Orphan")
        assert (await here.ask(token)).status_code == 401
        await here.store.create(_account("brief", PROJECT))
        assert (await here.ask(token)).status_code == 401, "an account of the same name is another account"

    @pytest.mark.parametrize("duration", ["0s", "-1h", "soon", "100000h"])
    async def test_ends_that_make_no_sense_are_refused(self, here: House, duration: str) -> None:
        assert (await make(here, "odd", expiresIn=duration)).status_code == 400

    async def test_what_is_wrong_is_told(self, here: House) -> None:
        system = "/v1beta1/system/roles/{}/api-tokens"
        assert (await make(here, "")).status_code == 400
        assert (await make(here, "x", ROLE.replace("/ci/", "/nobody/"))).status_code == 404
        assert (await make(here, "x", ROLE.replace(PROJECT, "nowhere"))).status_code == 404
        assert (await make(here, "x", system.format("machine"))).status_code == 400
        assert (await make(here, "x", system.format("kargo-viewer"))).status_code == 201
        assert (await here.ask(TOKEN, "GET", "/v1beta1/system/api-tokens/x")).status_code == 200
        await make(here, "twice")
        assert (await make(here, "twice")).status_code == 409

    async def test_other_secrets_are_no_tokens(self, here: House) -> None:
        meta = {"name": "plain", "namespace": PROJECT}
        await here.store.create({"apiVersion": "v1", "kind": "Secret", "metadata": meta, "data": {"a": "Yg=="}})
        assert (await here.ask(TOKEN, "GET", f"{TOKENS}/plain")).status_code == 400
        assert (await here.ask(TOKEN, "DELETE", f"{TOKENS}/plain")).status_code == 409
        assert (await here.ask(TOKEN, "GET", f"{TOKENS}/none")).status_code == 404

    @pytest.mark.parametrize(
        "changed",
        [
            {"type": "Opaque"},
            {"metadata": {"labels": {"rbac.kargo.akuity.io/api-token": "false"}}},
            {"metadata": {"annotations": {"kubernetes.io/service-account.uid": "another"}}},
            {"metadata": {"annotations": {"kubernetes.io/service-account.name": "machine"}}},
            {"metadata": {"annotations": {"argosy/expires": "soon"}}},
            {"data": {"token-sha256": "AAAA"}},
            {"data": {"token-sha256": None}},
        ],
    )
    async def test_what_was_changed_is_no_token(self, here: House, changed: Json) -> None:
        token = await token_of(here, "changed")
        key = Key("Secret", PROJECT, "changed")
        try:
            kept = (await here.store.get(key)).data
            if "type" in changed:
                await here.store.delete(key)
                meta = {name: kept["metadata"][name] for name in ("name", "namespace", "labels", "annotations")}
                await here.store.create({**kept, **changed, "metadata": meta})
            else:
                await here.store.patch(key, changed)
            assert (await here.ask(token)).status_code == 401
        finally:
            await here.store.delete(key)

    @pytest.mark.parametrize(
        "token", ["argosy_", "argosy_.x", "argosy_é.x", "argosy_ZGVtbw.x", "argosy_L2FjdHM.x", "argosy_ZGVtby9hY3Rz.x"]
    )
    async def test_tokens_of_nonsense_let_nobody_in(self, here: House, token: str) -> None:
        with pytest.raises(Refused, match="invalid token"):
            await ApiTokens(here.store, here.clock).principal(token)


GROUP = "rbac.authorization.k8s.io"


async def test_a_token_expires(tmp_path: Path) -> None:
    async with house(tmp_path, Present()) as here:
        await here.store.create(_account("kargo-viewer", SYSTEM, labels={"rbac.kargo.akuity.io/system-role": "true"}))
        path = "/v1beta1/system/roles/kargo-viewer/api-tokens"
        answer = await make(here, "brief", path, expiresIn="1h30m")
        token = base64.b64decode(answer.json()["data"]["token"]).decode()
        assert (await here.ask(token)).status_code == 200
        await here.clock.advance(5400)
        assert (await here.ask(token)).status_code == 401


def test_tokens_cannot_be_guessed() -> None:
    made = {issue("demo", "ci").token for _ in range(100)}
    assert len(made) == 100
    assert all(len(token) > 60 for token in made)


async def test_a_cluster_is_asked_once_in_a_while() -> None:
    clock, asked = FakeClock(), []

    async def review(token: str) -> User | None:
        asked.append(token)
        return User("alice", frozenset({"devs"})) if token == "good" else None

    tokens = KubernetesTokens(review, clock)
    for _ in range(3):
        found = await tokens.principal("good")
        assert found is not None
        assert (found.actor, found.user, found.groups) == ("kubernetes:alice", "alice", {"devs"})
        assert await tokens.principal("bad") is None
    assert asked == ["good", "bad"]
    await clock.advance(REMEMBERED_SECONDS)
    await tokens.principal("good")
    assert asked == ["good", "bad", "good"]
