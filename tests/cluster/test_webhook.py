"""A real API server asks the webhooks: what the embedded server refuses is refused, what it fills in is filled in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cluster.webhook_case import ACCOUNT, Guard, install, pipeline, project, promotion, user

from argosy.testing.api_server import api_server
from argosy.testing.cluster import running_cluster
from argosy.testing.kubectl import Kubectl, Ran
from argosy.testing.port import free_port

ACTOR = "kargo.akuity.io/create-actor"


pytestmark = pytest.mark.xdist_group("webhooks")  # one cluster for all of them


@pytest.fixture(scope="module")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guard]:
    """A cluster of its own, as webhooks concern everybody who uses one; nobody answers yet."""
    folder = tmp_path_factory.mktemp("guarded")
    with running_cluster(folder) as cluster:
        kubectl = Kubectl(cluster.kubeconfig(), folder)
        install(kubectl)
        yield Guard(cluster, kubectl, free_port())


@pytest.fixture(scope="module")
def served(guard: Guard) -> Iterator[Guard]:
    with guard.running():
        yield guard


@pytest.fixture(scope="module")
def kubectl(served: Guard) -> Kubectl:
    """As the administrator."""
    return served.kubectl


@pytest.fixture(scope="module")
def alice(served: Guard, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    """May write resources, and promote nowhere."""
    return user(served.cluster, "alice", tmp_path_factory.mktemp("alice"))


@pytest.fixture(scope="module")
def freight(kubectl: Kubectl) -> str:
    """Applies the pipeline `shop`; the name of its Freight."""
    done = kubectl("apply", "-f", "-", stdin=pipeline("shop"))
    assert done.code == 0, done.err
    return str(kubectl("get", "freight", "-n", "shop", "-o", "jsonpath={.items[0].metadata.name}").out)


def test_one_file_with_a_project_and_all_that_is_in_it_applies(kubectl: Kubectl, freight: str) -> None:
    assert len(freight) == 40
    namespace = kubectl("get", "namespace", "shop", "-o", "json").json["metadata"]
    assert namespace["labels"]["kargo.akuity.io/project"] == "true"
    assert namespace["finalizers"] == ["kargo.akuity.io/finalizer"]
    labels = kubectl("get", "freight", freight, "-n", "shop", "-o", "json").json["metadata"]["labels"]
    assert labels["kargo.akuity.io/alias"] == "wonky-wombat"
    stage = kubectl("get", "stage", "dev", "-n", "shop", "-o", "json").json
    assert stage["metadata"]["labels"]["kargo.akuity.io/shard"] == "east"


def test_applying_it_again_changes_nothing(kubectl: Kubectl, freight: str) -> None:
    """Defaults were filled into lists that the file says in whole; they are filled in again, to the same."""

    def kept() -> list[tuple[int, dict[str, object]]]:
        found = kubectl("get", "stages,warehouses,promotiontasks", "-n", "shop", "-o", "json").json["items"]
        return [(item["metadata"]["generation"], item["spec"]) for item in found]

    before = kept()
    text = pipeline("shop").partition("---\napiVersion: kargo.akuity.io/v1alpha1\nkind: Freight")[0]
    assert kubectl("apply", "-f", "-", stdin=text).code == 0
    assert kept() == before
    assert kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=text).code == 0
    assert kept() == before


def test_a_promotion_gets_its_name_its_steps_and_its_actor(kubectl: Kubectl, freight: str) -> None:
    made = kubectl("create", "-f", "-", "-o", "json", stdin=promotion("shop", freight))
    assert made.code == 0, made.err
    meta, spec = made.json["metadata"], made.json["spec"]
    assert meta["name"].startswith("dev.")
    assert meta["name"].endswith(f".{freight[:7]}")
    assert meta["annotations"][ACTOR] == "kubernetes:admin"
    assert meta["ownerReferences"][0]["name"] == "dev"
    assert [step["uses"] for step in spec["steps"]] == ["compose-output"]
    events = kubectl("get", "events", "-n", "shop", "-o", "json").json["items"]
    assert "PromotionCreated" in [event["reason"] for event in events]


def test_an_actor_cannot_be_forged(kubectl: Kubectl, freight: str) -> None:
    text = promotion("shop", freight).replace(
        "namespace:", f'annotations: {{{ACTOR}: "email:eve@example.com"}}, namespace:'
    )
    made = kubectl("create", "-f", "-", "-o", "json", stdin=text).json
    assert made["metadata"]["annotations"][ACTOR] == "kubernetes:admin"


def test_only_who_may_promote_makes_changes_and_deletes_promotions(
    kubectl: Kubectl, alice: Kubectl, freight: str
) -> None:
    refused = alice("create", "-f", "-", stdin=promotion("shop", freight))
    assert refused.code == 1
    assert "'alice' may not create Promotions to Stage 'dev'" in refused.err
    name = kubectl("create", "-f", "-", "-o", "name", stdin=promotion("shop", freight)).out.strip()
    for words in (("annotate", name, "a=b"), ("delete", name)):
        assert "'alice' may not" in alice(*words, "-n", "shop").err
    role = ("create", "role", "promoter", "--verb=promote", "--resource=stages.kargo.akuity.io", "-n", "shop")
    assert kubectl(*role).code == 0
    assert kubectl("create", "rolebinding", "alice", "--role=promoter", "--user=alice", "-n", "shop").code == 0
    made = alice("create", "-f", "-", "-o", "json", stdin=promotion("shop", freight))
    assert made.code == 0, made.err
    assert made.json["metadata"]["annotations"][ACTOR] == "kubernetes:alice"


REFUSED = {
    "a Stage that wants Freight of one origin twice": """
kind: Stage
metadata: {name: twice, namespace: shop}
spec:
  requestedFreight:
  - {origin: {kind: Warehouse, name: app}, sources: {direct: true}}
  - {origin: {kind: Warehouse, name: app}, sources: {direct: true}}
""",
    "a Stage with two faults": """
kind: Stage
metadata: {name: faulty, namespace: shop}
spec:
  requestedFreight: [{origin: {kind: Warehouse, name: app}, sources: {direct: true, requiredSoakTime: long}}]
  promotionTemplate: {spec: {steps: [{uses: fail, as: step-1}]}}
""",
    "a Warehouse with a typing mistake": """
kind: Warehouse
metadata: {name: typo, namespace: shop}
spec: {subscriptions: [{image: {repoURL: 127.0.0.1:1/app, constrain: "^1"}}]}
""",
    "a ProjectConfig of another name": """
kind: ProjectConfig
metadata: {name: other, namespace: shop}
spec: {}
""",
    "Freight that its Warehouse does not subscribe to": """
kind: Freight
metadata: {name: strange, namespace: shop}
origin: {kind: Warehouse, name: app}
images: [{repoURL: 127.0.0.1:1/other, tag: 1.0.0, digest: "sha256:bbbb"}]
""",
    "Freight of an alias that is taken": """
kind: Freight
metadata: {name: same, namespace: shop}
alias: wonky-wombat
origin: {kind: Warehouse, name: app}
images: [{repoURL: 127.0.0.1:1/app, tag: 1.0.1, digest: "sha256:cccc"}]
""",
    "a Promotion of Freight that is not there": """
kind: Promotion
metadata: {name: none, namespace: shop}
spec: {stage: dev, freight: nothing, steps: [{uses: fail}]}
""",
    "a Promotion to a Stage that is not there": """
kind: Promotion
metadata: {name: none, namespace: shop}
spec: {stage: nowhere, freight: nothing, steps: [{uses: fail}]}
""",
    "a task in a namespace that is no Project's": """
kind: PromotionTask
metadata: {name: say, namespace: default}
spec: {steps: [{uses: fail}]}
""",
    "a Project for a namespace of somebody else": """
kind: Project
metadata: {name: default}
""",
    "an alias in a step of a ClusterPromotionTask that another has": """
kind: ClusterPromotionTask
metadata: {name: twins}
spec: {steps: [{uses: fail, as: a}, {uses: fail, as: a}]}
""",
}


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """The embedded server with the same pipeline."""
    folder = tmp_path_factory.mktemp("embedded")
    with api_server(folder) as server:
        kubectl = Kubectl(server.kubeconfig, folder)
        assert kubectl("create", "namespace", "default").code == 0
        assert kubectl("apply", "-f", "-", stdin=pipeline("shop")).code == 0
        yield kubectl


def told(ran: Ran) -> str:
    """What kubectl tells, without what says that a webhook refused it."""
    assert ran.code == 1, ran.out
    before, found, after = ran.err.partition('.kargo.akuity.io" denied the request: ')
    return (before.partition("admission webhook")[0] + after if found else ran.err).strip()


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_embedded_server_refuses_is_refused_with_the_same_words(
    kubectl: Kubectl, embedded: Kubectl, freight: str, name: str
) -> None:
    text = f"apiVersion: kargo.akuity.io/v1alpha1{REFUSED[name]}"
    assert told(kubectl("create", "-f", "-", stdin=text)) == told(embedded("create", "-f", "-", stdin=text))


def test_changes_that_the_embedded_server_refuses_are_refused(
    kubectl: Kubectl, embedded: Kubectl, freight: str
) -> None:
    patch = ("patch", "freight", freight, "-n", "shop", "--type=merge", "-p", '{"images":[{"repoURL":"x","tag":"1"}]}')
    assert told(kubectl(*patch)) == told(embedded(*patch))
    name = kubectl("create", "-f", "-", "-o", "name", stdin=promotion("shop", freight)).out.strip()
    changed = kubectl("patch", name, "-n", "shop", "--type=merge", "-p", '{"spec":{"steps":[{"uses":"http"}]}}')
    assert "spec is immutable" in told(changed)


def test_freight_in_use_stays(kubectl: Kubectl, freight: str) -> None:
    history = [{"id": "1", "items": {"Warehouse/app": {"name": freight}}}]
    status = json.dumps({"status": {"freightHistory": history}})
    assert (
        kubectl("patch", "stage", "dev", "-n", "shop", "--subresource=status", "--type=merge", "-p", status).code == 0
    )
    refused = kubectl("delete", "freight", freight, "-n", "shop")
    assert "is in use by 'dev'" in told(refused)
    kubectl("patch", "stage", "dev", "-n", "shop", "--subresource=status", "--type=merge", "-p", '{"status":null}')


def test_an_approval_by_a_person_is_told(kubectl: Kubectl, freight: str) -> None:
    status = '{"status":{"approvedFor":{"dev":{}}}}'
    patch = ("patch", "freight", freight, "-n", "shop", "--subresource=status", "--type=merge", "-p", status)
    assert kubectl(*patch).code == 0
    events = kubectl("get", "events", "-n", "shop", "-o", "json").json["items"]
    found = [event["message"] for event in events if event["reason"] == "FreightApproved"]
    assert found == ["Freight approved for Stage 'dev' by 'kubernetes:admin'"]


def test_a_dry_run_leaves_nothing(kubectl: Kubectl) -> None:
    assert kubectl("create", "--dry-run=server", "-f", "-", stdin=project("dry")).code == 0
    assert kubectl("get", "namespace", "dry").code == 1
    assert kubectl("get", "project", "dry").code == 1


def test_a_project_that_is_refused_later_leaves_no_namespace(kubectl: Kubectl) -> None:
    text = project("Upper_Case")
    assert kubectl("create", "-f", "-", stdin=text).code == 1
    assert kubectl("get", "namespace", "Upper_Case").code == 1


def test_what_argosy_itself_writes_is_not_sent(served: Guard, kubectl: Kubectl, freight: str) -> None:
    """Its own store has admitted it. A Promotion of its account keeps the name, which a webhook would replace."""
    text = promotion("shop", freight).replace("generateName: mine-", "name: by-argosy")
    made = kubectl("create", f"--as={ACCOUNT}", "-f", "-", stdin=text)
    assert (made.code, made.out) == (0, "promotion.kargo.akuity.io/by-argosy created\n"), made.err


def test_copies_of_shared_secrets_are_changed_by_argosy_and_administrators_only(
    served: Guard, kubectl: Kubectl, freight: str, tmp_path: Path
) -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "copy", "namespace": "shop", "labels": {"kargo.akuity.io/replicated-from": "shared"}},
    }
    bob = user(served.cluster, "bob", tmp_path)
    rights = ("--verb=get,create,update,patch,delete", "--resource=secrets")
    assert kubectl("create", "role", "editor", *rights, "-n", "shop").code == 0
    assert kubectl("create", "rolebinding", "bob", "--role=editor", "--user=bob", "-n", "shop").code == 0
    refused = bob("create", "-f", "-", stdin=json.dumps(secret))
    assert "a copy that Argosy keeps up to date" in refused.err
    assert kubectl("create", f"--as={ACCOUNT}", "-f", "-", stdin=json.dumps(secret)).code == 0
    patch = ("patch", "secret", "copy", "-n", "shop", "--type=merge", "-p")
    assert "a copy that Argosy keeps up to date" in bob(*patch, '{"data":{"a":"Yg=="}}').err
    unlabelled = '{"metadata":{"labels":{"kargo.akuity.io/replicated-from":null}}}'
    assert "a copy that Argosy keeps up to date" in bob(*patch, unlabelled).err
    assert "a copy that Argosy keeps up to date" in bob("delete", "secret", "copy", "-n", "shop").err
    assert bob("create", "secret", "generic", "mine", "-n", "shop").code == 0
    assert kubectl(*patch, '{"data":{"a":"Yg=="}}').code == 0


def test_the_system_namespace_is_left_alone(kubectl: Kubectl) -> None:
    text = "apiVersion: kargo.akuity.io/v1alpha1\nkind: PromotionTask\nmetadata: {name: t, namespace: kube-system}\n"
    assert kubectl("create", "-f", "-", stdin=f"{text}spec: {{steps: [{{uses: fail}}]}}").code == 0
