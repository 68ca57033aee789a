"""What people type every day, with the real kubectl against a real server."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from argosy.api.tls import ensure_certificates
from argosy.clock import SystemClock
from argosy.testing.kubectl import Kubectl

PROJECT = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Project
metadata: {name: demo}
"""
WAREHOUSE = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {name: app, namespace: demo, labels: {team: red}}
spec:
  subscriptions:
  - image: {repoURL: registry.example/app}
"""
STAGE = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: NAME, namespace: demo, labels: {tier: TIER}}
spec:
  requestedFreight:
  - origin: {kind: Warehouse, name: app}
    sources: {direct: true}
"""
READY = '{"status":{"conditions":[{"type":"Ready","status":"True","reason":"Fine","message":"all is well"}]}}'


def stage(name: str, tier: str = "low") -> str:
    return STAGE.replace("NAME", name).replace("TIER", tier)


@pytest.fixture(scope="module", autouse=True)
def project(kubectl: Kubectl) -> None:
    applied = kubectl("apply", "-f", "-", stdin="---".join((PROJECT, WAREHOUSE, stage("dev"), stage("prod", "high"))))
    assert applied.code == 0, applied.err
    assert applied.out.splitlines() == [
        "project.kargo.akuity.io/demo created",
        "warehouse.kargo.akuity.io/app created",
        "stage.kargo.akuity.io/dev created",
        "stage.kargo.akuity.io/prod created",
    ]


@pytest.fixture
def temporary(kubectl: Kubectl) -> Iterator[Callable[[str], None]]:
    """Makes Stages for one test."""
    made: list[str] = []

    def make(name: str) -> None:
        created = kubectl("create", "-f", "-", stdin=stage(name))
        assert created.code == 0, created.err
        made.append(name)

    yield make
    kubectl("delete", "stages", "-n", "demo", "--ignore-not-found", "--wait=false", *made)


READS = {
    "a table of the kind's columns": (
        "get stages -n demo",
        ["NAME SHARD CURRENT FREIGHT HEALTH READY STATUS AGE", "dev ", "prod "],
    ),
    "all namespaces": ("get stages -A", ["NAMESPACE NAME", "demo dev", "demo prod"]),
    "a wide table": ("get warehouses -n demo -o wide", ["NAME SHARD AGE", "app "]),
    "several kinds by short names and singular": ("get warehouse,stage -n demo -o name", ["warehouse.", "stage.", ""]),
    "a cluster-scoped kind": ("get projects", ["NAME READY STATUS AGE", "demo "]),
    "the namespace that a project made": ("get ns", ["NAME STATUS AGE", "demo Active"]),
    "a label selector": ("get stages -n demo -l tier=high --no-headers", ["prod "]),
    "a set in a label selector": ("get stages -n demo -l tier_in_(high,higher) --no-headers", ["prod "]),
    "a field selector": ("get stages -n demo --field-selector metadata.name=dev --no-headers", ["dev "]),
    "a field that must differ": ("get stages -n demo --field-selector metadata.name!=dev --no-headers", ["prod "]),
    "a column of labels": ("get stages -n demo -L tier --no-headers", ["dev ", "prod "]),
    "pages of one": ("get stages -n demo --chunk-size=1 --no-headers", ["dev ", "prod "]),
    "sorted": ("get stages -n demo --sort-by={.metadata.labels.tier} --no-headers", ["prod ", "dev "]),
    "one value": ("get stage dev -n demo -o jsonpath={.metadata.labels.tier}", ["low"]),
    "columns of one's own": (
        "get stages -n demo -o custom-columns=N:.metadata.name,T:.metadata.labels.tier",
        ["N T", "dev low", "prod high"],
    ),
    "an explanation of a field": ("explain stage.spec.shard", ["GROUP:", "KIND: Stage", "VERSION: v1alpha1"]),
    "what is served": ("api-resources --api-group=kargo.akuity.io -o name", ["clusterconfigs.kargo.akuity.io"]),
    "groups and versions": ("api-versions", ["argoproj.io/v1alpha1", "authentication.k8s.io/v1"]),
    "the versions of both sides": (
        "version",
        ["Client Version:", "Kustomize Version:", "Server Version: v1.37.0+argosy"],
    ),
    "may I": ("auth can-i create stages -n demo", ["yes"]),
    "who am I": ("auth whoami", ["ATTRIBUTE VALUE", "Username admin"]),
    "no events yet": ("get events -n extra-nothing", []),
    "a raw path": ("get --raw /readyz", ["ok"]),
    "everything about one": ("describe stage dev -n demo", ["Name: dev", "Namespace: demo", "Labels: tier=low"]),
}


@pytest.mark.parametrize(("command", "lines"), READS.values(), ids=READS)
def test_reading(kubectl: Kubectl, command: str, lines: list[str]) -> None:
    ran = kubectl(*(word.replace("_", " ") if "_in_" in word else word for word in command.split()))
    assert ran.code == 0, ran.err
    shown = [" ".join(row) + " " for row in ran.rows]
    assert len(shown) >= len(lines)
    for line, start in zip(shown, lines, strict=False):
        assert line.startswith(start)


@pytest.mark.parametrize("output", ["json", "yaml"])
def test_one_resource_and_lists_print_whole(kubectl: Kubectl, output: str) -> None:
    one = yaml.safe_load(kubectl("get", "stage", "dev", "-n", "demo", "-o", output).out)
    assert one["spec"]["requestedFreight"][0]["origin"] == {"kind": "Warehouse", "name": "app"}
    many = yaml.safe_load(kubectl("get", "stages", "-n", "demo", "-o", output).out)
    assert many["kind"] == "List"
    assert [item["metadata"]["name"] for item in many["items"]] == ["dev", "prod"]


REFUSALS = {
    "an unknown name": ("get stage nope -n demo", "(NotFound)", 'stages.kargo.akuity.io "nope" not found'),
    "an unknown kind": ("get nonsense", "", 'doesn\'t have a resource type "nonsense"'),
    "an unknown field selector": ("get stages -n demo --field-selector spec.x=1", "(BadRequest)", "spec.shard"),
    "a malformed label selector": ("get --raw /api/v1/secrets?labelSelector=a+in+b", "(BadRequest)", "key in (a,b)"),
    "a strategic patch of a kind without one": (
        "patch stage dev -n demo --type=strategic -p {}",
        "",
        "application/merge-patch+json",
    ),
    "a merge patch that is no object": ("patch stage dev -n demo --type=merge -p []", "", "Use a JSON patch"),
    "a JSON patch whose test fails": (
        'patch stage dev -n demo --type=json -p [{"op":"test","path":"/kind","value":"X"}]',
        "The request is invalid",
        "the test of '/kind' does not hold",
    ),
    "a wrong value": (
        'patch stage dev -n demo --type=merge -p {"spec":{"shard":7}}',
        "is invalid",
        "spec.shard",
    ),
    "a name that cannot be": ("create namespace Not_A_Name", 'The Namespace "Not_A_Name" is invalid', "metadata.name"),
    "a namespace that is not there": ("create configmap c -n nowhere", "", 'namespaces "nowhere" not found'),
    "deleting what is not there": ("delete stage nope -n demo", "(NotFound)", "nope"),
    "what another manager owns": (
        "apply --server-side --field-manager=other -f OTHER",
        "Apply failed with 1 conflict",
        'conflict with "kubectl-client-side-apply" using kargo.akuity.io/v1alpha1: .metadata.labels.tier',
    ),
    "a wrong token": ("get stages -A --token=wrong", "", "a token that is still good"),
}


@pytest.mark.parametrize(("command", "reason", "advice"), REFUSALS.values(), ids=REFUSALS)
def test_refusals_advise(
    kubectl: Kubectl, tmp_path_factory: pytest.TempPathFactory, command: str, reason: str, advice: str
) -> None:
    file = tmp_path_factory.mktemp("manifest") / "stage.yaml"
    file.write_text(stage("dev", "other"))
    ran = kubectl(*command.replace("OTHER", str(file)).split())
    assert ran.code == 1
    assert reason in ran.err
    assert advice in ran.err


def test_applying_again_changes_nothing_and_applying_a_change_only_that(kubectl: Kubectl) -> None:
    before = kubectl("get", "stage", "prod", "-n", "demo", "-o", "json").json
    assert kubectl("apply", "-f", "-", stdin=stage("prod", "high")).out == "stage.kargo.akuity.io/prod unchanged\n"
    assert kubectl("diff", "-f", "-", stdin=stage("prod", "high")).code == 0
    assert kubectl("diff", "-f", "-", stdin=stage("prod", "higher")).code == 1
    assert "configured" in kubectl("apply", "-f", "-", "--dry-run=server", stdin=stage("prod", "higher")).out
    assert kubectl("get", "stage", "prod", "-n", "demo", "-o", "json").json == before
    kubectl("patch", "stage", "prod", "-n", "demo", "--type=merge", "-p", '{"metadata":{"labels":{"mine":"kept"}}}')
    assert "configured" in kubectl("apply", "-f", "-", stdin=stage("prod", "highest")).out
    labels = kubectl("get", "stage", "prod", "-n", "demo", "-o", "json").json["metadata"]["labels"]
    assert labels == {"tier": "highest", "mine": "kept"}
    kubectl("apply", "-f", "-", stdin=stage("prod", "high"))


def test_core_kinds_are_made_changed_and_applied(kubectl: Kubectl) -> None:
    assert kubectl("create", "namespace", "extra").out == "namespace/extra created\n"
    assert "AlreadyExists" in kubectl("create", "namespace", "extra").err
    made = kubectl("create", "secret", "generic", "creds", "-n", "extra", "--from-literal=user=me")
    assert made.out == "secret/creds created\n"
    kubectl("create", "configmap", "settings", "-n", "extra", "--from-literal=a=1")
    kubectl("patch", "configmap", "settings", "-n", "extra", "-p", '{"data":{"b":"2"}}')
    found = kubectl("get", "configmap", "settings", "-n", "extra", "-o", "json").json
    assert found["data"] == {"a": "1", "b": "2"}
    secret = kubectl("get", "secret", "creds", "-n", "extra", "-o", "json").json
    assert (secret["data"], secret["type"]) == ({"user": "bWU="}, "Opaque")
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied", "namespace": "extra"}}
    for data in ({"a": "1", "b": "2"}, {"b": "3"}):
        assert kubectl("apply", "-f", "-", stdin=json.dumps({**config, "data": data})).code == 0
    assert kubectl("get", "configmap", "applied", "-n", "extra", "-o", "json").json["data"] == {"b": "3"}
    assert kubectl("delete", "namespace", "extra").code == 0
    assert kubectl("get", "secrets,configmaps", "-n", "extra", "-o", "name").out == ""


def test_labels_annotations_and_patches_change_what_they_say(
    kubectl: Kubectl, temporary: Callable[[str], None]
) -> None:
    temporary("patched")
    which = ("stage", "patched", "-n", "demo")
    assert kubectl("label", *which, "a=b", "tier-").code == 0
    assert kubectl("annotate", *which, "note=text").code == 0
    assert kubectl("patch", *which, "--type=merge", "-p", '{"spec":{"shard":"s1"}}').code == 0
    operations = [{"op": "replace", "path": "/spec/shard", "value": "s2"}]
    assert kubectl("patch", *which, "--type=json", "-p", json.dumps(operations)).code == 0
    assert kubectl("patch", *which, "--subresource=status", "--type=merge", "-p", READY).code == 0
    found = kubectl("get", *which, "-o", "json").json
    assert found["metadata"]["labels"]["a"] == "b"
    assert "tier" not in found["metadata"]["labels"]
    assert found["metadata"]["annotations"]["note"] == "text"
    assert found["spec"]["shard"] == "s2"
    assert found["metadata"]["generation"] == 3
    assert kubectl("get", *which, "--no-headers").out.split()[1:6] == ["s2", "True", "all", "is", "well"]
    assert kubectl("get", *which, "--subresource=status", "-o", "jsonpath={.status.conditions[0].type}").out == "Ready"


def test_generated_names_and_dry_runs(kubectl: Kubectl) -> None:
    manifest = stage("x").replace("name: x", "generateName: made-")
    made = kubectl("create", "-f", "-", "-o", "name", stdin=manifest).out.strip()
    assert made.startswith("stage.kargo.akuity.io/made-")
    dry = kubectl("create", "-f", "-", "-o", "name", "--dry-run=server", stdin=manifest).out.strip()
    assert dry.startswith("stage.kargo.akuity.io/made-")
    listed = kubectl("get", "stages", "-n", "demo", "-o", "name").out.splitlines()
    assert made in listed
    assert dry not in listed
    assert kubectl("delete", "-n", "demo", made).code == 0


def test_unknown_fields_are_refused_warned_about_or_left_out(kubectl: Kubectl) -> None:
    manifest = stage("strict").replace("spec:", "spec:\n  shrad: s1")
    strict = kubectl("create", "-f", "-", stdin=manifest)
    assert strict.code == 1
    assert "Did you mean `shard`" in strict.err
    warned = kubectl("create", "-f", "-", "--validate=warn", stdin=manifest)
    assert (warned.code, warned.err) == (0, 'Warning: unknown field "spec.shrad"\n')
    ignored = kubectl("apply", "-f", "-", "--validate=ignore", stdin=manifest)
    assert ignored.code == 0
    assert "unknown field" not in ignored.err
    assert "shrad" not in kubectl("get", "stage", "strict", "-n", "demo", "-o", "json").json["spec"]
    kubectl("delete", "stage", "strict", "-n", "demo")


def test_kinds_that_are_not_served_keep_nobody_from_the_reason(kubectl: Kubectl) -> None:
    """A kind without a schema makes kubectl read the older document too; it must not stumble over that."""
    foreign = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n"
    refused = kubectl("apply", "-f", "-", stdin=f"{foreign}---{stage('wrong').replace('direct', 'dirct')}")
    assert refused.code == 1
    assert 'no matches for kind "Deployment" in version "apps/v1"' in refused.err
    assert "failed to download openapi" not in refused.err


def test_replacing_compares_versions(kubectl: Kubectl, temporary: Callable[[str], None]) -> None:
    temporary("replaced")
    old = kubectl("get", "stage", "replaced", "-n", "demo", "-o", "json").json
    old["spec"]["shard"] = "s1"
    assert kubectl("replace", "-f", "-", stdin=json.dumps(old)).code == 0
    late = kubectl("replace", "-f", "-", stdin=json.dumps(old))
    assert late.code == 1
    assert "(Conflict)" in late.err
    assert "Read it again" in late.err


def test_deleting_one_all_and_what_is_held(kubectl: Kubectl, temporary: Callable[[str], None]) -> None:
    for name in ("gone-a", "gone-b", "held"):
        temporary(name)
        kubectl("label", "stage", name, "-n", "demo", "round=two")
    kubectl("patch", "stage", "held", "-n", "demo", "--type=merge", "-p", '{"metadata":{"finalizers":["x.io/hold"]}}')
    assert kubectl("delete", "stage", "gone-a", "-n", "demo").code == 0
    deleted = kubectl("delete", "stages", "-n", "demo", "-l", "round=two", "--wait=false")
    assert deleted.code == 0
    assert kubectl("get", "stages", "-n", "demo", "-l", "round=two", "-o", "name").out.split() == [
        "stage.kargo.akuity.io/held"
    ]
    found = kubectl("get", "stage", "held", "-n", "demo", "-o", "json").json
    assert found["metadata"]["deletionTimestamp"]
    kubectl("patch", "stage", "held", "-n", "demo", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    assert "NotFound" in kubectl("get", "stage", "held", "-n", "demo").err


def until(process: subprocess.Popen[str], text: str) -> list[str]:
    """The lines that a command prints until one has `text` in it."""
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip())
        if text in line:
            return lines
    raise AssertionError(f"the command ended without {text!r}: {lines}")


def test_a_watch_prints_every_change_as_a_row(kubectl: Kubectl, temporary: Callable[[str], None]) -> None:
    with kubectl.start("get", "stages", "-n", "demo", "-w", "--output-watch-events", "-L", "tier") as watch:
        try:
            until(watch, "prod")
            temporary("watched")
            kubectl("patch", "stage", "watched", "-n", "demo", "--subresource=status", "--type=merge", "-p", READY)
            kubectl("delete", "stage", "watched", "-n", "demo")
            lines = until(watch, "DELETED")
        finally:
            watch.terminate()
    words = [line.split()[:2] for line in lines]
    assert words == [["ADDED", "watched"], ["MODIFIED", "watched"], ["DELETED", "watched"]]
    assert "all is well" in lines[1]


def test_a_watch_sees_only_what_its_selector_selects(kubectl: Kubectl, temporary: Callable[[str], None]) -> None:
    with kubectl.start("get", "stages", "-n", "demo", "-w", "--output-watch-events", "-l", "tier=high") as watch:
        try:
            until(watch, "prod")
            temporary("moving")
            kubectl("label", "stage", "moving", "-n", "demo", "--overwrite", "tier=high")
            kubectl("label", "stage", "moving", "-n", "demo", "--overwrite", "tier=low")
            kubectl("delete", "stage", "moving", "-n", "demo")
            lines = until(watch, "DELETED")
        finally:
            watch.terminate()
    assert [line.split()[0] for line in lines] == ["ADDED", "DELETED"]


WAITS = {
    "a condition": "--for=condition=Ready",
    "a value": "--for=jsonpath={.status.conditions[0].status}=True",
    "its end": "--for=delete",
}


@pytest.mark.parametrize("condition", WAITS.values(), ids=WAITS)
def test_waiting_ends_when_it_happens(kubectl: Kubectl, temporary: Callable[[str], None], condition: str) -> None:
    temporary("awaited")
    assert "timed out" in kubectl("wait", "stage/awaited", "-n", "demo", condition, "--timeout=300ms").err
    with kubectl.start("wait", "stage/awaited", "-n", "demo", condition, "--timeout=20s") as wait:
        time.sleep(0.2)  # so that it waits already, mostly
        if condition != "--for=delete":
            kubectl("patch", "stage", "awaited", "-n", "demo", "--subresource=status", "--type=merge", "-p", READY)
        else:
            kubectl("delete", "stage", "awaited", "-n", "demo")
        assert wait.wait(20) == 0


def test_events_are_printed_by_both_commands(kubectl: Kubectl) -> None:
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "dev.1", "namespace": "demo"},
        "involvedObject": {
            "apiVersion": "kargo.akuity.io/v1alpha1",
            "kind": "Stage",
            "namespace": "demo",
            "name": "dev",
            "uid": kubectl("get", "stage", "dev", "-n", "demo", "-o", "jsonpath={.metadata.uid}").out,
        },
        "reason": "Told",
        "message": "something was told",
        "type": "Normal",
        "firstTimestamp": "2026-01-01T00:00:00Z",
        "lastTimestamp": "2026-01-01T00:00:00Z",
    }
    assert kubectl("create", "-f", "-", stdin=json.dumps(event)).code == 0
    listed = kubectl("get", "events", "-n", "demo", "--field-selector", "involvedObject.name=dev")
    assert "something was told" in listed.out
    assert "something was told" in kubectl("events", "-n", "demo", "--for", "stage/dev").out
    assert "something was told" in kubectl("describe", "stage", "dev", "-n", "demo").out
    assert "something" not in kubectl("events", "-n", "demo", "--for", "stage/prod").out


def test_the_server_is_known_by_its_authority(kubectl: Kubectl, tmp_path: Path) -> None:
    ensure_certificates(tmp_path, (), SystemClock())
    ran = kubectl("get", "stages", "-A", f"--certificate-authority={tmp_path}/ca.crt")
    assert ran.code == 1
    assert "failed to verify certificate" in ran.err
