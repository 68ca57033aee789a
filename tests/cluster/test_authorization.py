"""Roles made up at random mean to Argosy what they mean to a real API server, which is asked about every action."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from argosy.clients.access import ClusterAccess
from argosy.clients.kubeconfig import find_access
from argosy.clients.kubernetes_connection import Connection
from argosy.clients.kubernetes_login import connect
from argosy.clients.selection import Selection
from argosy.clock import SystemClock
from argosy.resources.kinds import KARGO, KINDS, RBAC
from argosy.rules.authorization import ACCOUNT, Action, Subject
from argosy.store.base import Store
from argosy.store.rights_kept import KeptRights
from argosy.store.sql import open_store
from argosy.testing.clock import FakeClock
from argosy.testing.cluster import Cluster

SEED = 20261126
NAMESPACES = ("authorized-a", "authorized-b")
VERBS = ("get", "list", "promote", "delete", "*")
GROUPS = ("", KARGO, RBAC, "*")
RESOURCES = ("stages", "stages/status", "freights/status", "secrets", "roles", "*", "*/status")
NAMES = ("dev", "prod")
PATHS = ("/metrics", "/apis/*", "*")
USERS = ("jane", "joe", f"{ACCOUNT}authorized-a:ci", f"{ACCOUNT}authorized-b:ci")
TEAMS = ("devops", "qa")
AT_ONCE = 30


class Roles:
    """Roles and bindings, made up."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.documents: list[dict[str, Any]] = []
        for number in range(12):
            self._role(f"authorized-{number}", "")
            for namespace in NAMESPACES:
                self._role(f"authorized-{number}", namespace)
        for number in range(16):
            self._binding(f"authorized-{number}", "")
            for namespace in NAMESPACES:
                self._binding(f"authorized-{number}", namespace)

    def some(self, of: tuple[str, ...], most: int = 2) -> list[str]:
        return self._random.sample(of, self._random.randint(1, most))

    def _role(self, name: str, namespace: str) -> None:
        rules = [self._rule(paths=not namespace) for _ in range(self._random.randint(0, 3))]
        self._add("Role" if namespace else "ClusterRole", name, namespace, rules=rules)

    def _rule(self, *, paths: bool) -> dict[str, Any]:
        if paths and self._random.random() < 0.2:
            return {"verbs": self.some(VERBS), "nonResourceURLs": self.some(PATHS)}
        rule = {"verbs": self.some(VERBS), "apiGroups": self.some(GROUPS), "resources": self.some(RESOURCES)}
        return {**rule, "resourceNames": self.some(NAMES)} if self._random.random() < 0.3 else rule

    def _binding(self, name: str, namespace: str) -> None:
        kind = "Role" if namespace and self._random.random() < 0.7 else "ClusterRole"
        role = f"authorized-{self._random.randint(0, 14)}"  # some are not there
        reference = {"apiGroup": RBAC, "kind": kind, "name": role}
        subjects = [self._subject(namespace)]
        self._add(
            "RoleBinding" if namespace else "ClusterRoleBinding", name, namespace, roleRef=reference, subjects=subjects
        )

    def _subject(self, namespace: str) -> dict[str, str]:
        match self._random.randint(0, 2):
            case 0:
                return {"kind": "User", "apiGroup": RBAC, "name": self._random.choice(USERS)}
            case 1:
                return {"kind": "Group", "apiGroup": RBAC, "name": self._random.choice(TEAMS)}
        return {"kind": "ServiceAccount", "name": "ci", "namespace": namespace or self._random.choice(NAMESPACES)}

    def _add(self, kind: str, name: str, namespace: str, **more: Any) -> None:
        self.documents.append(bare(kind, name, namespace, **more))

    def questions(self, count: int) -> Iterator[tuple[Subject, Action]]:
        """Who asks, and what about; half of them about what some role says."""
        written = [rule for document in self.documents for rule in document.get("rules", ())]
        for number in range(count):
            groups = frozenset(self.some(TEAMS) if self._random.random() < 0.5 else [])
            subject = Subject(self._random.choice(USERS), groups)
            namespace = self._random.choice((*NAMESPACES, ""))
            yield subject, self._near(self._random.choice(written), namespace) if number % 2 else self._any(namespace)

    def _near(self, rule: dict[str, Any], namespace: str) -> Action:
        verb = self._random.choice(rule["verbs"])
        if "nonResourceURLs" in rule:
            return Action(verb, path=self._random.choice(rule["nonResourceURLs"]).replace("*", "apps/v1") or "/")
        resource, _, sub = self._random.choice(rule["resources"]).partition("/")
        name = self._random.choice([*rule.get("resourceNames", ()), ""])
        return Action(verb, resource, namespace, name, self._random.choice(rule["apiGroups"]), sub)

    def _any(self, namespace: str) -> Action:
        if self._random.random() < 0.1:
            return Action("get", path=self._random.choice(("/metrics", "/apis", "/apis/apps", "/version")))
        resource, _, sub = self._random.choice(RESOURCES).partition("/")
        name, group = self._random.choice(("", *NAMES)), self._random.choice(GROUPS)
        return Action(self._random.choice(VERBS), resource, namespace, name, group, sub)


@pytest.fixture
async def connection(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Connection]:
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig()))
    found = connect(find_access(""), SystemClock())
    yield found
    await found.close()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    (tmp_path / "data").mkdir()
    url = f"sqlite:///{tmp_path}/data/argosy.db"
    made = open_store(url, KINDS, clock=FakeClock(), key_file=tmp_path / "keys" / "keys")
    yield made
    await made.close()


async def test_argosy_allows_what_an_api_server_allows(connection: Connection, store: Store) -> None:
    roles = Roles(SEED)
    for name in NAMESPACES:
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        await asyncio.gather(create(connection, namespace), store.create(namespace))
    for document in roles.documents:
        await asyncio.gather(create(connection, document), store.create(document))
    access, kept = ClusterAccess(connection), KeptRights(store, FakeClock())
    keeping = asyncio.create_task(kept.run())
    await settled(connection, access)
    questions = list(dict.fromkeys(roles.questions(1200)))
    answers: list[bool] = []
    for start in range(0, len(questions), AT_ONCE):
        some = questions[start : start + AT_ONCE]
        answers += await asyncio.gather(*(access.allows(*question) for question in some))
    ours = [await kept.allows(*question) for question in questions]
    keeping.cancel()
    assert [each for each in zip(questions, answers, ours, strict=True) if each[1] != each[2]] == []
    assert 100 < sum(answers) < len(answers) - 100, "the questions tell something"


async def settled(connection: Connection, access: ClusterAccess) -> None:
    """The API server reads roles and bindings by watches of their own: one more of each shows that it has all."""
    rule = {"verbs": ["get"], "apiGroups": ["authorized"], "resources": ["last"]}
    for kind, namespace in (("ClusterRole", ""), *(("Role", name) for name in NAMESPACES)):
        await create(connection, bare(kind, "authorized-last", namespace, rules=[rule]))
        reference = {"apiGroup": RBAC, "kind": kind, "name": "authorized-last"}
        subjects = [{"kind": "User", "apiGroup": RBAC, "name": f"last-{namespace}"}]
        await create(
            connection, bare(f"{kind}Binding", "authorized-last", namespace, roleRef=reference, subjects=subjects)
        )
    for namespace in ("", *NAMESPACES):
        asked = Action("get", "last", namespace, group="authorized")
        while not await access.allows(Subject(f"last-{namespace}"), asked):  # noqa: ASYNC110 - another program
            await asyncio.sleep(0.02)


async def create(connection: Connection, document: dict[str, Any]) -> None:
    path = Selection(KINDS[document["kind"]], document["metadata"].get("namespace", "")).path
    await connection.send("POST", path, content=orjson.dumps(document))


def bare(kind: str, name: str, namespace: str, **more: Any) -> dict[str, Any]:
    meta = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": meta, **more}
