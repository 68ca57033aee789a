"""Changes are recorded under whoever made them, as they are known here."""

from __future__ import annotations

from pathlib import Path

import jwt
import pytest
from tests.api.sign_in_case import CALLBACK, House, Present, house
from tests.store.permission_case import SHARED, freight, of_kind, project, stage, warehouse

from argosy.app.system_role import ensure_system_roles
from argosy.resources.meta import Key
from argosy.store.base import Query
from argosy.testing.oidc.provider import CLIENT, SigningKey, oidc_provider


@pytest.mark.parametrize(("claim", "actor"), [("email", "email:jane@example.com"), ("upn", "upn:jane")])
async def test_a_promotion_says_who_wanted_it(tmp_path: Path, claim: str, actor: str) -> None:
    key, clock = SigningKey("first"), Present()
    with oidc_provider([CALLBACK], [key]) as provider:
        settings = {"oidc_username_claim": claim, "oidc_admins": '{"email": ["jane@example.com"]}'}
        async with house(tmp_path, clock, oidc_issuer=provider.issuer, oidc_client_id=CLIENT, **settings) as here:
            await here.store.create(of_kind("Namespace", SHARED))
            await ensure_system_roles(here.store, here.backend.settings)
            for kind in ("Namespace", "ServiceAccount", "ClusterRole", "ClusterRoleBinding"):
                await _learn(here, kind)  # at once, instead of in a moment
            for made in (project("demo"), warehouse("demo"), stage("dev", "demo")):
                await here.store.create(made)
            name = (await here.store.create(freight("demo"))).key.name
            now = clock.now().timestamp()
            told = {"iss": provider.issuer, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 600}
            people = {"email": "jane@example.com", "upn": "jane"}
            token = jwt.encode(told | people, key.private, "RS256", headers={"kid": key.name})
            path = "/v1beta1/projects/demo/stages/dev/promotions"
            answer = await here.ask(token, "POST", path, json={"freight": name})
            assert answer.status_code == 201, answer.text
            promotion = await here.store.get(Key("Promotion", "demo", answer.json()["metadata"]["name"]))
            assert promotion.meta["annotations"]["kargo.akuity.io/create-actor"] == actor


async def _learn(here: House, kind: str) -> None:
    for document in (await here.store.list(Query(kind))).documents:
        here.backend.rights.learn(document)
