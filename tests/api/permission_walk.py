"""Asks every operation of the API as everybody, and tells who was let in; run as a program, it writes the table anew.

The operations are those that the applications themselves tell of: one that is new is asked, too. Nothing is kept: the
store rehearses every write.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from tests.api.permission_case import PEOPLE, Names
from tests.store.permission_case import SHARED, SYSTEM, World, of_kind, role, rule, stage, world
from tests.store.permission_case import freight as freight_of

from argosy.api.app import create_app
from argosy.api.authentication.api_token import DIGEST, TYPE
from argosy.api.authentication.bearer import Authentication
from argosy.api.backend import Backend
from argosy.engine.log import Logs
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Document, Json, Key
from argosy.store.base import Admit, Applying, PatchType, Propagation, Query
from argosy.store.decorator import Decorator
from argosy.store.rights import Rights
from argosy.testing.clock import FakeClock

TABLE = Path(__file__).parent / "permissions.txt"
WHO = [name for name in PEOPLE if name != "robot"]
HEAD = """# Who may use which operation of the API: what whoever may all is answered, then + for who is let in and - for
# who is refused. An operation that is new fails the test until its line is here: `python -m tests.api.permission_walk`
# writes all lines, and a person has to read what changed before it is kept.
"""


@dataclass(frozen=True)
class Asked:
    """One request."""

    name: str
    method: str
    path: str
    query: Mapping[str, str]
    body: Json = None
    media: str = "application/json"


class Rehearsed(Decorator):
    """Does nothing of what it is asked to write, and answers as if it had."""

    async def create(self, document: Mapping[str, Json], *, dry_run: bool = False) -> Document:
        return await self._inner.create(document, dry_run=True)

    async def update(self, document: Mapping[str, Json], *, status: bool = False, dry_run: bool = False) -> Document:
        return await self._inner.update(document, status=status, dry_run=True)

    async def patch(
        self, key: Key, patch: Json, type: PatchType = PatchType.MERGE, *, status: bool = False, dry_run: bool = False
    ) -> Document:
        return await self._inner.patch(key, patch, type, status=status, dry_run=True)

    async def apply(self, document: Mapping[str, Json], how: Applying, *, admit: Admit | None = None) -> Document:
        return await self._inner.apply(document, Applying(how.manager, how.force, how.status, True), admit=admit)

    async def delete(
        self,
        key: Key,
        *,
        uid: str = "",
        version: int = 0,
        propagation: Propagation = "Background",
        dry_run: bool = False,
    ) -> Document:
        return await self._inner.delete(key, uid=uid, version=version, propagation=propagation, dry_run=True)


class Steady(Rights):
    """Rights that do not change by what was only rehearsed."""

    def learn(self, document: Document) -> None:
        """Nothing was written."""

    def forget(self, key: Key) -> None:
        """Nothing was deleted."""


class NoPlans:
    """Plans that say nothing."""

    async def plan(self, stage: Key, wish: Mapping[str, Json]) -> dict[str, Json]:
        return {"steps": []}


CONFIG, SECRET = {"data": {"a": "b"}}, {"name": "new", "data": {"a": "b"}}
REPO = {"name": "new", "type": "git", "repoUrl": "https://example.com/a.git", "username": "u", "password": "p"}
MANIFESTS = {"POST": stage("new"), "PUT": stage("dev"), "DELETE": stage("dev")}
ROLE_BODY = {"metadata": {"name": "new"}, "rules": [rule("stages", "get")]}
GRANT = {"role": "kargo-viewer", "userClaims": {"claims": [{"name": "groups", "values": ["devs"]}]}}

BODIES: dict[str, Json] = {
    "PromoteToStage": {"freight": "FREIGHT"},
    "PromoteDownstream": {"freight": "FREIGHT"},
    "PlanPromotion": {"freight": "FREIGHT"},
    "RollbackStage": {},
    "CreateProjectRole": ROLE_BODY,
    "UpdateRole": {"metadata": {"name": "kargo-viewer"}, "rules": [rule("stages", "get")]},
    "Grant": GRANT,
    "Revoke": GRANT,
    "CreateProjectAPIToken": {"name": "new"},
    "CreateSystemAPIToken": {"name": "new"},
    "LintManifests": stage("new"),
    "AssembleFreight": {},
    **{f"Create{place}ConfigMap": SECRET for place in ("Project", "Shared", "System")},
    **{f"Create{place}GenericCredentials": SECRET for place in ("Project", "Shared", "System")},
    **{f"Create{place}RepoCredentials": REPO for place in ("Project", "Shared")},
    **{f"{verb}{place}ConfigMap": CONFIG for place in ("Project", "Shared", "System") for verb in ("Update", "Patch")},
    **{
        f"{verb}{place}GenericCredentials": CONFIG
        for place in ("Project", "Shared", "System")
        for verb in ("Update", "Patch")
    },
    **{
        f"{verb}{place}RepoCredentials": {key: value for key, value in REPO.items() if key != "name"}
        for place in ("Project", "Shared")
        for verb in ("Update", "Patch")
    },
}
QUERIES: dict[str, dict[str, str]] = {"PatchFreightAlias": {"newAlias": "new"}, "ApproveFreight": {"stage": "prod"}}
PARAMETERS = {
    "project": "demo",
    "stage": "dev",
    "other": "prod",
    "warehouse": "web",
    "freight": "FREIGHT",
    "freight-name-or-alias": "FREIGHT",
    "promotion": "PROMOTION",
    "promotion-task": "task",
    "cluster-promotion-task": "task",
    "analysis-run": "run",
    "analysis-template": "template",
    "cluster-analysis-template": "template",
    "configmap": "config",
    "repo-credentials": "repo",
    "generic-credentials": "generic",
    "role": "kargo-viewer",
    "apitoken": "token",
}
"""What the parameters of paths are; a new parameter needs a value here."""


@contextlib.asynccontextmanager
async def walked(folder: Path) -> AsyncIterator[tuple[httpx2.ASGITransport, list[Asked]]]:
    """The API, and every operation that it has."""
    clock = FakeClock()
    async with world(folder) as made:
        steady = Steady(made.rights._authorizer, made.rights._accounts)
        used = await _name(made, "Freight")
        spare = await _fill(made)
        backend = Backend(Rehearsed(made.bare), Logs(folder / "logs", clock), NoPlans(), steady)  # type: ignore[arg-type]
        app = create_app(backend, KINDS, authentication=Authentication("", (Names(),)), clock=clock, version="0.1.0")
        app.state.closing.set()  # streams end before they begin
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://argosy") as client:
            document = (await client.get("/openapi.json")).json()
        found = [*_of_kargo(document), *_of_kubernetes()]
        text = {"FREIGHT": used, "SPARE": spare, "PROMOTION": await _name(made, "Promotion")}
        yield transport, [_filled(asked, text) for asked in found]


async def lines(folder: Path) -> dict[str, str]:
    """For each operation who was let in, as the table has it. Raises AssertionError for an answer that is a fault."""
    found: dict[str, str] = {}
    async with walked(folder) as (transport, operations):
        clients = {
            who: httpx2.AsyncClient(
                transport=transport, base_url="http://argosy", headers={"Authorization": f"Bearer {who}"}
            )
            for who in WHO
        }
        for asked in operations:
            codes = {who: await _code(client, asked) for who, client in clients.items()}
            assert all(code < 500 or code == 501 for code in codes.values()), (asked, codes)
            signs = " ".join("-" if codes[who] in (401, 403) else "+" for who in WHO[1:])
            found[asked.name] = f"{codes['root']} {signs}"
        for client in clients.values():
            await client.aclose()
    return found


async def _code(client: httpx2.AsyncClient, asked: Asked) -> int:
    content = None if asked.body is None else {"json": asked.body}
    headers = {"Content-Type": asked.media} if asked.body is not None else {}
    answer = await client.request(
        asked.method, asked.path, params=dict(asked.query), headers=headers, **(content or {})
    )
    return int(answer.status_code)


def _of_kargo(document: Mapping[str, Any]) -> list[Asked]:
    found = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            name = operation["operationId"]
            filled = re.sub(r"\{([^}]+)\}", lambda part, name=name: _parameter(name, part[1]), path)
            body = MANIFESTS[method.upper()] if path.endswith("/resources") else BODIES.get(name)
            assert body is not None or "requestBody" not in operation or name == "AdminLogin", f"{name} needs a body"
            found.append(Asked(name, method.upper(), filled, QUERIES.get(name, {}), body))
    return found


def _parameter(operation: str, name: str) -> str:
    return "SPARE" if operation == "DeleteFreight" and name == "freight-name-or-alias" else PARAMETERS[name]


def _of_kubernetes() -> list[Asked]:
    """Every verb of every kind, by the Kubernetes protocol."""
    found = []
    for kind in KINDS.values():
        root = f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
        many = f"{root}/namespaces/demo/{kind.plural}" if kind.namespaced else f"{root}/{kind.plural}"
        one = f"{many}/{'demo' if kind.name in ('Namespace', 'Project') else 'kargo-viewer'}"
        merge = "application/merge-patch+json"
        made: dict[str, Json] = {"apiVersion": kind.api_version, "kind": kind.name, "metadata": {"name": "new"}}
        kept: dict[str, Json] = {"apiVersion": kind.api_version, "kind": kind.name, "metadata": {}}
        verbs: dict[str, tuple[str, str, dict[str, str], Json, str]] = {
            "list": ("GET", many, {}, None, ""),
            "watch": ("GET", many, {"watch": "true"}, None, ""),
            "create": ("POST", many, {}, made, "application/json"),
            "deletecollection": ("DELETE", many, {}, None, ""),
            "get": ("GET", one, {}, None, ""),
            "update": ("PUT", one, {}, kept, "application/json"),
            "patch": ("PATCH", one, {}, {}, merge),
            "apply": ("PATCH", one, {"fieldManager": "walk"}, kept, "application/apply-patch+yaml"),
            "delete": ("DELETE", one, {}, None, ""),
        }
        if kind.namespaced:
            verbs["list everywhere"] = ("GET", f"{root}/{kind.plural}", {}, None, "")
        if kind.status:
            verbs["patch status"] = ("PATCH", f"{one}/status", {}, {}, merge)
        found += [Asked(f"{kind.name} {verb}", *parts) for verb, parts in verbs.items()]
    for group, kind_name in (("authorization", "SelfSubjectAccessReview"), ("authorization", "SubjectAccessReview")):
        version = f"{group}.k8s.io/v1"
        spec = {"user": "jane", "resourceAttributes": {"verb": "get", "resource": "stages"}}
        body = {"apiVersion": version, "kind": kind_name, "spec": spec}
        found.append(Asked(f"{kind_name} create", "POST", f"/apis/{version}/{kind_name.lower()}s", {}, body))
    found.append(Asked("Promotion log", "GET", _promotion("log"), {}, None, ""))
    found.append(Asked("Stage plan", "POST", "/apis/kargo.akuity.io/v1alpha1/namespaces/demo/stages/dev/plan", {}, {}))
    return found


def _promotion(sub: str) -> str:
    return f"/apis/kargo.akuity.io/v1alpha1/namespaces/demo/promotions/PROMOTION/{sub}"


def _filled(asked: Asked, text: Mapping[str, str]) -> Asked:
    path, body = asked.path, asked.body
    for word, name in text.items():
        path = path.replace(word, name)
        if isinstance(body, dict):
            body = {key: name if value == word else value for key, value in body.items()}
    return Asked(asked.name, asked.method, path, asked.query, body, asked.media)


async def _name(made: World, kind: str) -> str:
    return (await made.bare.list(Query(kind, "demo"))).documents[0].key.name


async def _fill(made: World) -> str:
    """Something of everything that operations name; returns the name of Freight that is not in use."""
    freight = await _name(made, "Freight")
    task = {"steps": [{"uses": "compose-output", "config": {"a": 1}}]}
    metrics = {"metrics": [{"name": "m", "provider": {"web": {"url": "https://example.com"}}}]}
    account = Key("ServiceAccount", "demo", "kargo-viewer")
    uid = (await made.bare.get(account)).uid
    documents = [
        of_kind("Promotion", "p", spec={"stage": "dev", "freight": freight}),
        of_kind("PromotionTask", "task", spec=task),
        of_kind("ClusterPromotionTask", "task", spec=task),
        of_kind("AnalysisTemplate", "template", spec=metrics),
        of_kind("ClusterAnalysisTemplate", "template", spec=metrics),
        of_kind("AnalysisRun", "run", spec=metrics),
        of_kind("ProjectConfig", "demo", spec={}),
        of_kind("ClusterConfig", "cluster", spec={}),
        role("kargo-other", []),
    ]
    for namespace in ("demo", SHARED, SYSTEM):
        documents.append(of_kind("ConfigMap", "config", namespace, data={"a": "b"}))
        for name in ("repo", "generic"):
            secret = of_kind("Secret", name, namespace, type="Opaque", data={"a": "Yg=="})
            type_ = "git" if name == "repo" else "generic"
            secret["metadata"]["labels"] = {"kargo.akuity.io/cred-type": type_}
            if name == "repo":
                secret["data"] = {"repoURL": "aHR0cHM6Ly9leGFtcGxlLmNvbS9hLmdpdA==", "password": "cA=="}
            documents.append(secret)
        token = of_kind("Secret", "token", namespace, type=TYPE, data={DIGEST: "eA=="})
        token["metadata"] |= {
            "labels": {"rbac.kargo.akuity.io/api-token": "true"},
            "annotations": {
                "rbac.kargo.akuity.io/managed": "true",
                "kubernetes.io/service-account.name": "kargo-viewer",
                "kubernetes.io/service-account.uid": uid,
            },
        }
        documents.append(token)
    await asyncio.gather(*(made.bare.create(document) for document in documents))
    return await _use(made, freight)


async def _use(made: World, new: str) -> str:
    """The Stage dev uses this Freight, and verifies it; returns the name of what it used before."""
    old = (await made.bare.create(freight_of(tag="0.9.0"))).key.name
    origin = {"kind": "Warehouse", "name": "web"}
    history = [
        {"id": name, "items": {"Warehouse/web": {"name": name, "origin": origin}}, "verificationHistory": verified}
        for name, verified in ((new, [{"id": "v", "phase": "Running"}]), (old, []))
    ]
    await made.bare.patch(Key("Stage", "demo", "dev"), {"status": {"freightHistory": history}}, status=True)
    await made.bare.patch(Key("Freight", "demo", new), {"status": {"verifiedIn": {"dev": {}}}}, status=True)
    return old


def table(found: Mapping[str, str]) -> str:
    """The text of the table."""
    width = max(map(len, found)) + 2
    heads = ["#" + " " * (width + 3) + "  " * index + who for index, who in enumerate(WHO[1:])]
    rows = [f"{name:{width}}{signs}" for name, signs in found.items()]
    return HEAD + "\n".join([*reversed(heads), *rows]) + "\n"


def kept() -> dict[str, str]:
    """What the table says."""
    rows = [line for line in TABLE.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    signs = len("200 ") + 2 * len(WHO[1:]) - 1
    return {row[:-signs].strip(): row[-signs:] for row in rows}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        TABLE.write_text(table(asyncio.run(lines(Path(folder)))), "utf-8")


if __name__ == "__main__":
    main()
