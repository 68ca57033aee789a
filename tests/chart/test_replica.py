"""Replicas with the rights of the chart's ServiceAccount: these suffice, one leads, the next goes on where it died."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.chart.installed_case import SPACE, Installed, Replica
from tests.cli.gate_case import Gate, gate

from argosy.testing.git_repository import GitRepository
from argosy.testing.kubectl import Kubectl

pytestmark = pytest.mark.xdist_group("chart")

PIPELINE = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Project
metadata: {name: NAME}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: ProjectConfig
metadata: {name: NAME, namespace: NAME}
spec: {promotionPolicies: [{stageSelector: {name: dev}, autoPromotionEnabled: true}]}
---
apiVersion: v1
kind: Secret
metadata: {name: config, namespace: NAME, labels: {kargo.akuity.io/cred-type: generic}}
stringData: {word: s3cret}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {name: config, namespace: NAME}
spec: {interval: 1h, subscriptions: [{git: {repoURL: GIT, branch: main}}]}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: dev, namespace: NAME}
spec:
  requestedFreight: [{origin: {kind: Warehouse, name: config}, sources: {direct: true}}]
  promotionTemplate:
    spec:
      steps:
      - uses: git-clone
        config: {repoURL: GIT, checkout: [{branch: stage/dev, create: true, path: ./out}]}
      - {uses: file-write, config: {path: ./out/word, contents: "${{ secret('config').word }}"}}
      - {uses: git-commit, config: {path: ./out, message: promoted}}
      - {uses: http, config: {url: "GATE", timeout: 60s}}
      - {uses: git-push, config: {path: ./out}}
"""
PROMOTION = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Promotion
metadata: {generateName: mine-, namespace: life}
spec: {stage: dev, freight: FREIGHT}
"""
SETTINGS = {"ARGOSY_ALLOW_FILE_URLS": "true", "ARGOSY_LEASE_SECONDS": "3", "ARGOSY_LEAST_INTERVAL": "0.2"}

__all__ = ["gate"]


def until(holds: Callable[[], object], *, seconds: float = 40) -> None:
    """Wait until something holds; fails when it does not."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def state(installed: Installed) -> str:
    """For messages."""
    return installed.kubectl("get", "promotions,stages,warehouses,freights", "-n", "life", "-o", "yaml").out


@pytest.fixture(scope="module")
def first(installed: Installed) -> Iterator[Replica]:
    """Leads."""
    with installed.replica("first", **SETTINGS) as replica:
        until(installed.holder)
        yield replica


@pytest.fixture(scope="module")
def second(installed: Installed, first: Replica) -> Iterator[Replica]:
    """Waits, and is the one that the API server calls."""
    with installed.replica("second", **SETTINGS) as replica:
        installed.call_webhooks_of(replica)
        yield replica


def test_the_second_waits_is_ready_and_tells_who_leads(installed: Installed, first: Replica, second: Replica) -> None:
    until(lambda: "[+]leader ok: this replica leads" in first.get("/readyz?verbose").text)
    told = second.get("/readyz?verbose")
    assert told.status_code == 200
    assert f"[+]leader ok: {installed.holder()} leads" in told.text
    assert "[+]webhooks ok" in told.text
    assert 'leader_election_master_status{name="argosy"} 1.0' in first.get("/metrics").text
    assert 'leader_election_master_status{name="argosy"} 0.0' in second.get("/metrics").text


def test_the_leader_killed_in_the_middle_of_a_promotion_is_followed_by_one_that_goes_on(
    installed: Installed, first: Replica, second: Replica, gate: Gate, tmp_path: Path
) -> None:
    repository = GitRepository.create(tmp_path / "config.git")
    repository.commit({"README": "ours"})
    text = PIPELINE.replace("NAME", "life").replace("GIT", repository.url).replace("GATE", gate.url)
    applied = installed.kubectl("apply", "-f", "-", stdin=text)
    assert applied.code == 0, applied.err + second.log
    assert gate.asked.acquire(timeout=40), state(installed) + first.log
    leader, steps = installed.holder(), "jsonpath={.items[0].status.currentStep}"
    assert installed.kubectl("get", "promotions", "-n", "life", "-o", steps).out == "3"
    first.end(signal.SIGKILL)
    assert gate.asked.acquire(timeout=40), state(installed) + second.log
    gate.open.set()
    phase = "jsonpath={.items[0].status.phase}"
    until(lambda: installed.kubectl("get", "promotions", "-n", "life", "-o", phase).out == "Succeeded")
    assert installed.holder() not in ("", leader)
    assert installed.lease()["leaseTransitions"] == 1
    assert repository.log("stage/dev").count("promoted") == 1
    assert repository.read("word", "stage/dev") == "s3cret"
    assert gate.count == 2, "the step that was cut off is done again, and no other"


def test_its_rights_suffice_for_projects_and_for_all_that_is_written(installed: Installed, second: Replica) -> None:
    get = installed.kubectl
    until(lambda: get("get", "rolebinding", "argosy-project", "kargo-admin", "-n", "life").code == 0)
    ready = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'
    until(lambda: get("get", "project", "life", "-o", ready).out == "True")
    until(lambda: get("get", "events", "-n", "life", "-o", "name").out != "")
    freight = get("get", "freight", "-n", "life", "-o", "jsonpath={.items[0].metadata.name}").out
    asked = get("create", "--dry-run=server", "-f", "-", stdin=PROMOTION.replace("FREIGHT", freight))
    assert asked.code == 0, "whether users may promote is asked of the cluster"
    refused = [line for line in second.log.splitlines() if "orbidden" in line or "cannot " in line]
    assert refused == []
    log = [json.loads(line) for line in second.log.splitlines()]
    assert {line["level"] for line in log} <= {"info", "warning"}
    assert not [line for line in log if "error" in line]


def test_it_measures_what_it_asked_and_answered(installed: Installed, second: Replica) -> None:
    text = second.get("/metrics").text
    place = installed.cluster.url.removeprefix("https://")
    assert f'rest_client_requests_total{{code="200",host="{place}",method="GET"}}' in text
    assert f'rest_client_requests_total{{code="201",host="{place}",method="POST"}}' in text
    assert f'rest_client_requests_total{{code="200",host="{place}",method="WATCH"}}' in text
    assert 'argosy_api_requests_total{code="200",method="POST",server="webhooks"}' in text
    assert 'argosy_promotion_duration_seconds_count{phase="Succeeded"} 1.0' in text
    assert 'leader_election_master_status{name="argosy"} 1.0' in text


def test_it_writes_into_its_data_and_nowhere_else_at_home(second: Replica) -> None:
    """A Pod's root file system is read-only."""
    assert {path.name for path in second.folder.iterdir()} <= {"data", "keys", "log"}


def test_its_rights_are_no_more_than_it_needs(installed: Installed) -> None:
    """What a replica that somebody took over could not do."""
    account = f"--as=system:serviceaccount:{SPACE}:argosy"
    for allowed in (("list", "stages.kargo.akuity.io", "-A"), ("get", "secrets", "-n", "life")):
        assert installed.kubectl("auth", "can-i", *allowed, account).out.strip() == "yes", allowed
    for refused in (
        ("list", "secrets", "-A"),
        ("get", "secrets", "-n", "kube-system"),
        ("get", "secrets", "-n", SPACE),
        ("create", "pods", "-A"),
        ("create", "deployments.apps", "-A"),
        ("escalate", "clusterroles"),
        ("bind", "clusterroles/cluster-admin"),
        ("impersonate", "users"),
        ("create", "validatingwebhookconfigurations"),
        ("patch", "customresourcedefinitions"),
    ):
        assert installed.kubectl("auth", "can-i", *refused, account).out.strip() == "no", refused


@pytest.mark.parametrize(
    ("verb", "allowed"), [("get", True), ("list", True), ("watch", True), ("patch", True), ("delete", False)]
)
def test_its_rights_on_applications_of_argo_cd_are_those_that_are_used(
    installed: Installed, verb: str, allowed: bool
) -> None:
    attributes = {"group": "argoproj.io", "resource": "applications", "verb": verb, "namespace": "argocd"}
    spec = {"user": f"system:serviceaccount:{SPACE}:argosy", "resourceAttributes": attributes}
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
    done = installed.kubectl("create", "-f", "-", "-o", "json", stdin=json.dumps(review))
    assert done.json["status"]["allowed"] is allowed


def test_it_gives_roles_in_projects_only(installed: Installed) -> None:
    """What its rights would let it do, and the policy of the chart does not."""
    account = Kubectl(installed.kubeconfig(), installed.folder)
    binding = ("create", "rolebinding", "more", "--clusterrole=argosy-project", "--user=me", "--dry-run=server")
    assert account(*binding, "-n", "life").code == 0
    assert account("label", "namespace", "life", "a=b").code == 0
    for refused in (
        (*binding, "-n", "kube-system"),
        (*binding, "-n", SPACE),
        (*binding, "-n", "kargo-shared-resources"),
        ("label", "namespace", "kube-system", "kargo.akuity.io/project=true"),
        ("delete", "namespace", SPACE),
        ("create", "clusterrole", "mine", "--verb=get", "--resource=projects.kargo.akuity.io"),
    ):
        done = account(*refused)
        assert done.code != 0, refused
        assert "ValidatingAdmissionPolicy 'argosy'" in done.err, done.err


def test_its_rights_suffice_to_delete_a_project_with_all_that_came_with_it(
    installed: Installed, second: Replica
) -> None:
    installed.cluster.start_controllers()
    done = installed.kubectl("delete", "project", "life", "--timeout=25s")
    assert done.code == 0, done.err + second.log
    assert installed.kubectl("get", "namespace", "life").code != 0
    assert installed.kubectl("get", "clusterrole", "kargo-project-admin-life").code != 0
    assert installed.kubectl("get", "clusterrolebinding", "kargo-project-admin-life").code != 0


def test_who_was_frozen_waits_when_it_wakes_up_and_who_ends_softly_gives_back_the_lease(
    installed: Installed, second: Replica
) -> None:
    until(lambda: "this replica leads" in second.get("/readyz?verbose").text)
    before = installed.holder()
    with installed.replica("third", **SETTINGS) as third:
        second.process.send_signal(signal.SIGSTOP)
        until(lambda: "this replica leads" in third.get("/readyz?verbose").text)
        second.process.send_signal(signal.SIGCONT)
        until(lambda: "has lost the Lease" in second.log)
        until(lambda: f"{installed.holder()} leads" in second.get("/readyz?verbose").text)
        assert installed.holder() not in ("", before)
        assert third.end(signal.SIGTERM) == 0
    until(lambda: "this replica leads" in second.get("/readyz?verbose").text)
    assert second.end(signal.SIGTERM) == 0
    assert "Traceback" not in second.log
    assert installed.holder() == ""


def test_a_server_on_a_laptop_waits_for_a_cluster_that_was_away_for_longer_than_its_lease(installed: Installed) -> None:
    with installed.replica("laptop", "up", **SETTINGS) as laptop:
        installed.call_webhooks_of(laptop)
        until(lambda: "this replica leads" in laptop.get("/readyz?verbose").text)
        installed.cluster.stop("kube-controller-manager", kill=True)
        installed.cluster.stop("kube-apiserver", kill=True)
        until(lambda: "has lost the Lease" in laptop.log)
        installed.cluster.start_api()
        until(lambda: laptop.get("/readyz").status_code == 200)
        text = "apiVersion: kargo.akuity.io/v1alpha1\nkind: Project\nmetadata: {name: later}\n"
        applied = installed.kubectl("apply", "-f", "-", stdin=text)
        assert applied.code == 0, applied.err
        ready = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'
        until(lambda: installed.kubectl("get", "project", "later", "-o", ready).out == "True")
        assert "Traceback" not in laptop.log
        assert '"error"' not in laptop.log
        assert laptop.end(signal.SIGTERM) == 0
