"""Who owns which field: the same writes by several managers leave the same resources on both servers."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from tests.cluster.two_servers_case import Side, two_servers

from argosy.resources.kind import Kind
from argosy.resources.kinds import ARGO, KINDS
from argosy.testing.cluster import Cluster

pytestmark = pytest.mark.xdist_group("two-servers")

Data = dict[str, Any]
GROUP = "/apis/kargo.akuity.io/v1alpha1"
SPACE = "owned"
EXAMPLES = Path(__file__).parents[1] / "resources" / "examples" / "pipeline.yaml"
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
READY = {"type": "Ready", "status": "True", "reason": "Fine", "message": "all is well", "observedGeneration": 1}
SYNCED = {"type": "Synced", "status": "False", "reason": "Not", "message": "", "observedGeneration": 1}


class Texts(yaml.SafeLoader):
    """Reads times as the texts that they are in JSON."""


Texts.yaml_implicit_resolvers = {
    first: [each for each in found if each[0] != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@pytest.fixture(scope="module")
def sides(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Side, Side]]:
    with two_servers(cluster, tmp_path_factory.mktemp("owned")) as both:
        for side in both:
            body = {"metadata": {"name": SPACE, "labels": {"kargo.akuity.io/project": "true"}}}
            assert side.http.post("/api/v1/namespaces", json=body).status_code == 201
        yield both


@dataclass(frozen=True)
class Step:
    """One request: what to send, how, and as whom."""

    path: str
    type: str
    body: Any
    manager: str
    force: bool = False

    def run(self, side: Side) -> tuple[int, Any]:
        """The answer, without what differs from server to server."""
        asked = {"fieldManager": self.manager, **({"force": "true"} if self.force else {})}
        headers = {"Content-Type": self.type}
        method = "PATCH" if "patch" in self.type else "PUT" if self.path.count("/") > 6 else "POST"
        answer = side.http.request(method, self.path, params=asked, content=orjson.dumps(self.body), headers=headers)
        return answer.status_code, seen(answer.json())


def seen(answer: Data) -> Any:
    """What must be the same on both servers."""
    if answer["kind"] == "Status":
        causes = (answer.get("details") or {}).get("causes") or []
        found = sorted((cause.get("reason"), cause["message"], cause.get("field")) for cause in causes)
        return (answer["reason"], sorted(answer["message"].splitlines()), found) if answer["code"] == 409 else ()
    answer = copy.deepcopy(answer)
    meta = answer["metadata"]
    for name in ("uid", "resourceVersion", "creationTimestamp"):
        meta.pop(name)
    entries = meta.get("managedFields") or []
    for entry in entries:
        entry.pop("time", None)
    meta["managedFields"] = sorted(
        entries, key=lambda entry: (entry["manager"], entry["operation"], entry.get("subresource", ""))
    )
    if not answer["apiVersion"].startswith("kargo"):
        meta.pop("generation", None)  # the kinds of Kubernetes itself count no generations here
    return answer


def applied(path: str, body: Data, manager: str, *, force: bool = False) -> Step:
    return Step(path, APPLY, body, manager, force)


def check(sides: tuple[Side, Side], steps: list[Step]) -> None:
    for number, step in enumerate(steps):
        ours, theirs = (step.run(side) for side in sides)
        assert ours == theirs, f"step {number}: {step}"


def config(name: str, data: Mapping[str, str], **labels: str) -> Data:
    meta = {"name": name, "namespace": SPACE, **({"labels": labels} if labels else {})}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, **({"data": dict(data)} if data else {})}


def stage(name: str, spec: Data | None = None, status: Data | None = None, **meta: Any) -> Data:
    document: Data = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": name, "namespace": SPACE, **meta},
    }
    return {
        **document,
        **({"spec": spec} if spec is not None else {}),
        **({"status": status} if status is not None else {}),
    }


SPEC = {"requestedFreight": [{"origin": {"kind": "Warehouse", "name": "app"}, "sources": {"direct": True}}]}


def test_two_appliers_share_disagree_and_leave(sides: tuple[Side, Side]) -> None:
    path = f"/api/v1/namespaces/{SPACE}/configmaps/shared"
    check(
        sides,
        [
            applied(path, config("shared", {"a": "1", "b": "1"}, team="red"), "one"),
            applied(path, config("shared", {"b": "1", "c": "1"}), "two"),
            applied(path, config("shared", {"a": "2"}), "two"),
            applied(path, config("shared", {"a": "2"}), "two", force=True),
            applied(path, config("shared", {"b": "1"}), "one"),
            applied(path, config("shared", {}), "two"),
            applied(path, config("shared", {}), "two"),
            Step(path, MERGE, {"data": {"b": "9", "z": "9"}}, "editor"),
            applied(path, config("shared", {"b": "3", "z": "3"}), "one"),
            applied(path, config("shared", {"b": "3"}), "one", force=True),
            Step(path, MERGE, {"data": None}, "editor"),
            applied(path, config("shared", {"b": "4"}), "one"),
        ],
    )


def test_conditions_are_items_with_owners_and_other_lists_are_wholes(sides: tuple[Side, Side]) -> None:
    path = f"{GROUP}/namespaces/{SPACE}/stages/listed"
    status = f"{path}/status"
    check(
        sides,
        [
            applied(path, stage("listed", SPEC, finalizers=["example.com/a"]), "one"),
            applied(
                path,
                stage("listed", {**SPEC, "vars": [{"name": "v", "value": "1"}]}, finalizers=["example.com/b"]),
                "two",
            ),
            applied(status, stage("listed", status={"conditions": [READY]}), "controller"),
            applied(status, stage("listed", status={"conditions": [SYNCED]}), "other"),
            applied(status, stage("listed", status={"conditions": [{**READY, "status": "False"}]}), "other"),
            applied(status, stage("listed", status={"conditions": []}), "controller"),
            Step(status, MERGE, {"status": {"freightSummary": "1/1"}}, "argosy"),
            Step(status, MERGE, {"status": {"freightSummary": "2/2"}}, "another"),
            applied(path, stage("listed", finalizers=["example.com/b"]), "two"),
            applied(path, stage("listed", SPEC), "one"),
            Step(path, MERGE, {"metadata": {"finalizers": None}}, "cleaner"),
        ],
    )


def test_the_oldest_of_many_writers_become_one(sides: tuple[Side, Side]) -> None:
    path = f"/api/v1/namespaces/{SPACE}/configmaps/crowded"
    made = Step(path.rpartition("/")[0], "application/json", config("crowded", {"k": "0"}), "m00")
    writes = [Step(path, MERGE, {"data": {f"k{number}": "1"}}, f"m{number:02}") for number in range(1, 15)]
    check(sides, [made, *writes, applied(path, config("crowded", {"k3": "2"}), "one")])


def test_a_writer_may_rewrite_and_forget_owners(sides: tuple[Side, Side]) -> None:
    path = f"/api/v1/namespaces/{SPACE}/configmaps/forgotten"
    replace = [{"op": "replace", "path": "/metadata/managedFields", "value": [{}]}]
    check(
        sides,
        [
            Step(
                f"/api/v1/namespaces/{SPACE}/configmaps", "application/json", config("forgotten", {"a": "1"}), "maker"
            ),
            Step(path, JSON_PATCH, replace, "eraser"),
            Step(path, MERGE, {"data": {"a": "1"}}, "nobody"),
        ],
    )


OTHERWISE = {"Project", "Namespace", "Freight", "Promotion", "Event"}
"""What the embedded server names or makes more of than it is told, and Events, of which clusters write empty fields."""


def examples() -> Iterator[tuple[Kind, Data]]:
    """A document of every kind with all of its fields."""
    for document in yaml.load_all(EXAMPLES.read_text(), Texts):
        kind = KINDS[document["kind"]]
        if kind.group == ARGO or kind.name in OTHERWISE:
            continue
        document.get("spec", {}).pop("shard", None)
        yield kind, document


REFERRED = ("Stage", "Target")
"""What a PromotionRequest refers to has to be there."""


def collection(kind: Kind) -> str:
    scope = f"/namespaces/{SPACE}" if kind.namespaced else ""
    return f"{f'/apis/{kind.group}' if kind.group else '/api'}/{kind.version}{scope}/{kind.plural}"


@pytest.mark.parametrize(("kind", "document"), list(examples()), ids=lambda value: getattr(value, "name", ""))
def test_every_field_of_every_kind_is_divided_alike(sides: tuple[Side, Side], kind: Kind, document: Data) -> None:
    place = collection(kind)
    for referred in (KINDS[name] for name in REFERRED if kind.name == "PromotionRequest"):
        for other in (each for its, each in examples() if its is referred):
            for side in sides:
                side.http.post(collection(referred), json=placed(other, referred)[0])
    wanted, status = placed(document, kind)
    name = wanted["metadata"]["name"]
    for side in sides if not kind.namespaced else ():
        side.http.delete(f"{place}/{name}")  # what other tests left
    whole = {**wanted, "metadata": {**wanted["metadata"], "finalizers": ["example.com/a", "example.com/b"]}}
    steps = [
        Step(place, "application/json", whole, "maker"),
        applied(f"{place}/{name}", wanted, "one", force=True),
        applied(f"{place}/{name}", wanted, "two"),
        Step(f"{place}/{name}", MERGE, {"metadata": {"finalizers": None}}, "cleaner"),
    ]
    if kind.status and status:
        steps.insert(1, Step(f"{place}/{name}/status", MERGE, {"status": status}, "teller"))
    check(sides, steps)
    assert steps[-1].run(sides[0])[0] == 200


def placed(document: Data, kind: Kind) -> tuple[Data, Data]:
    """The example in the namespace of these tests, without its status; and that."""
    wanted = {key: value for key, value in copy.deepcopy(document).items() if key != "status"}
    meta = wanted["metadata"]
    meta.setdefault("name", f"an-{kind.singular}")
    meta.pop("generateName", None)
    if kind.namespaced:
        meta["namespace"] = SPACE
    if kind.name == "ProjectConfig":
        meta["name"] = SPACE
    return wanted, document.get("status") or {}


MANAGERS = ("one", "two", "kubectl", "editor")


def random_steps(seed: int) -> list[Step]:
    """Writes of a Warehouse by several managers: fields that come and go, maps that empty, lists that are wholes."""
    chance = random.Random(seed)
    path = f"{GROUP}/namespaces/{SPACE}/warehouses/w{seed}"
    steps = []
    for _ in range(9):
        meta: Data = {"name": f"w{seed}", "namespace": SPACE}
        for part in ("labels", "annotations"):
            found = {key: chance.choice("xy") for key in "abc" if chance.random() < 0.4}
            if found or chance.random() < 0.2:
                meta[part] = found
        finalizers = [f"example.com/{letter}" for letter in chance.sample("abc", chance.randint(0, 3))]
        if finalizers or chance.random() < 0.2:
            meta["finalizers"] = finalizers
        images = chance.sample(["registry.example/a", "registry.example/b"], chance.randint(1, 2))
        spec: Data = {
            "subscriptions": [{"image": {"repoURL": url, "discoveryLimit": chance.choice([5, 6])}} for url in images],
            "freightCreationPolicy": chance.choice(["Automatic", "Manual"]),
            "interval": "5m0s",
        }
        if chance.random() < 0.5:
            spec["freightCreationCriteria"] = {"expression": chance.choice(["true", "false"])}
        document: Data = {"apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Warehouse", "metadata": meta, "spec": spec}
        manager = chance.choice(MANAGERS)
        if manager == "editor" and steps:
            steps.append(Step(path, MERGE, {"metadata": {**meta}, "spec": spec}, manager))
        else:
            steps.append(Step(path, APPLY, document, manager, force=chance.random() < 0.6))
    return steps


@pytest.mark.parametrize("seed", range(12))
def test_any_order_of_writes_leaves_the_same(sides: tuple[Side, Side], seed: int) -> None:
    check(sides, random_steps(seed))
