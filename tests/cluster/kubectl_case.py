"""What people type, in the order in which they type it, for both servers to answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

SPACE = "typed"
"""The namespace of all of it."""

ADVICE, DESCRIPTIONS, RIGHTS = "advice", "descriptions", "rights"
DIFFERENCES = {
    ADVICE: "err",
    DESCRIPTIONS: "out",
    RIGHTS: "out",
}
"""Sorts of differences that stay, and where they show; docs/reference/kubectl.md gives the reasons."""


@dataclass(frozen=True)
class Command:
    """One command line; `-f -` reads `stdin`.

    Attributes:
        line: without `kubectl`; words are split at blanks, `~` stands for a blank within a word.
        differs: the sort of difference between the two servers' answers, one of DIFFERENCES; the exit code is the same
            even so.
        edit: what the editor does to a file, in the language of sed.
    """

    line: str
    stdin: str = ""
    differs: str = ""
    edit: str = ""

    @property
    def words(self) -> list[str]:
        return [word.replace("~", " ") for word in self.line.split()]


def warehouse(name: str = "app", space: str = SPACE, **spec: Any) -> str:
    subscriptions = [{"image": {"repoURL": "registry.example/app", "imageSelectionStrategy": "SemVer"}}]
    document = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Warehouse",
        "metadata": {"name": name, "namespace": space, "labels": {"team": "red"}},
        "spec": {"subscriptions": subscriptions, **spec},
    }
    return json.dumps(document)


def stage(name: str = "dev", labels: dict[str, str] | None = None, **spec: Any) -> str:
    requested = [{"origin": {"kind": "Warehouse", "name": "app"}, "sources": {"direct": True}}]
    document = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": name, "namespace": SPACE, "labels": labels or {"tier": "low"}},
        "spec": {"requestedFreight": requested, **spec},
    }
    return json.dumps(document)


def config(data: dict[str, Any], name: str = "settings", **more: Any) -> str:
    meta = {"name": name, "namespace": SPACE}
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data, **more})


def secret(data: dict[str, Any], **more: Any) -> str:
    meta = {"name": "creds", "namespace": SPACE}
    return json.dumps({"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": data, **more})


def project(name: str) -> str:
    return json.dumps({"apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Project", "metadata": {"name": name}})


def event() -> str:
    document = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "dev.1", "namespace": SPACE},
        "involvedObject": {
            "apiVersion": "kargo.akuity.io/v1alpha1",
            "kind": "Stage",
            "name": "dev",
            "namespace": SPACE,
        },
        "reason": "Told",
        "message": "something was told",
        "type": "Normal",
        "firstTimestamp": "2026-01-01T00:00:00Z",
        "lastTimestamp": "2026-01-01T00:00:00Z",
        "count": 2,
    }
    return json.dumps(document)


CONDITION = {"type": "Ready", "status": "True", "reason": "Fine", "message": "well"}
READY = json.dumps(
    {"status": {"conditions": [{**CONDITION, "lastTransitionTime": "2026-01-01T00:00:00Z"}]}}, separators=(",", ":")
)

SCENARIOS: dict[str, list[Command]] = {
    "apply from the client's side": [
        Command("apply -f -", warehouse()),
        Command("apply -f -", warehouse()),
        Command("diff -f -", warehouse()),
        Command("diff -f -", warehouse(interval="10m0s")),
        Command("apply -f - --dry-run=server", warehouse(interval="10m0s")),
        Command("apply -f - --dry-run=client", warehouse(interval="10m0s")),
        Command("apply -f -", warehouse(interval="10m0s")),
        Command(f"get warehouse app -n {SPACE} -o yaml --show-managed-fields"),
        Command("apply -f -", stage()),
        Command("apply -f -", config({"a": "1", "b": "2"})),
        Command("apply -f -", config({"b": "3"})),
        Command(f"get configmap settings -n {SPACE} -o jsonpath={{.data}}"),
        Command("apply -f -", secret({"user": "me"})),
        Command(f"get secret creds -n {SPACE} -o yaml --show-managed-fields"),
        Command("apply -f -", project("typed-project")),
        Command(f"apply view-last-applied configmap/settings -n {SPACE}"),
    ],
    "apply from the server's side": [
        Command("apply --server-side -f -", stage("ssa")),
        Command("apply --server-side -f -", stage("ssa")),
        Command(f"get stage ssa -n {SPACE} -o yaml --show-managed-fields"),
        Command("apply --server-side --field-manager=other -f -", stage("ssa", {"tier": "high"})),
        Command("apply --server-side --field-manager=other --force-conflicts -f -", stage("ssa", {"tier": "high"})),
        Command(f"get stage ssa -n {SPACE} -o yaml --show-managed-fields"),
        Command("diff --server-side -f -", stage("ssa", {"tier": "top"})),
        Command("diff --server-side --force-conflicts -f -", stage("ssa", {"tier": "top"})),
        Command("apply --server-side --dry-run=server --force-conflicts -f -", stage("ssa", {"tier": "top"})),
        Command("apply --server-side -f -", config({"b": "3", "c": "4"})),
        Command(f"get configmap settings -n {SPACE} -o yaml --show-managed-fields"),
        Command("apply --server-side -f -", config({"c": "4"})),
        Command(f"get configmap settings -n {SPACE} -o yaml --show-managed-fields"),
        Command("apply --server-side -f -", config({"a": 1}), differs=ADVICE),
        Command("apply --server-side -f -", stage("ssa", shrad="x"), differs=ADVICE),
    ],
    "change": [
        Command(f"label stage dev -n {SPACE} a=b tier-"),
        Command(f"label stage dev -n {SPACE} a=c"),
        Command(f"label stage dev -n {SPACE} a=c --overwrite"),
        Command(f"label stage dev -n {SPACE} a=not~a~value --overwrite"),
        Command(f"annotate stage dev -n {SPACE} note=some~text"),
        Command(f"annotate stage dev -n {SPACE} note-"),
        Command(f"annotate warehouses --all -n {SPACE} seen=yes"),
        Command(f'patch stage dev -n {SPACE} --type=merge -p {{"spec":{{"vars":[{{"name":"v"}}]}}}}'),
        Command(f'patch stage dev -n {SPACE} --type=json -p [{{"op":"remove","path":"/spec/vars"}}]'),
        Command(f'patch stage dev -n {SPACE} --type=json -p [{{"op":"remove","path":"/spec/vars"}}]', differs=ADVICE),
        Command(f"patch stage dev -n {SPACE} -p {{}}", differs=ADVICE),
        Command(f'patch configmap settings -n {SPACE} -p {{"data":{{"x":"y"}}}}'),
        Command(f'patch configmap settings -n {SPACE} -p {{"data":{{"x":"y"}}}}'),
        Command(f"patch stage dev -n {SPACE} --subresource=status --type=merge -p {READY}"),
        Command(f"get stages -n {SPACE}"),
        Command(f"wait stage/dev -n {SPACE} --for=condition=Ready --timeout=5s"),
        Command(f"wait stage/dev -n {SPACE} --for=jsonpath={{.metadata.labels.a}}=c --timeout=5s"),
        Command(f"wait stage/dev -n {SPACE} --for=condition=Other --timeout=1s"),
        Command(f"set env stage/dev -n {SPACE} A=B"),
        Command(f"scale stage/dev -n {SPACE} --replicas=2", differs=ADVICE),
        Command(f"rollout status stage/dev -n {SPACE}"),
    ],
    "create and replace": [
        Command("create -f -", stage("made")),
        Command("create -f -", stage("made"), differs=ADVICE),
        Command("create -f - --dry-run=server", stage("other")),
        Command("replace -f -", stage("made", {"tier": "high"})),
        Command("replace -f -", stage("missing"), differs=ADVICE),
        Command("replace --force -f -", stage("made", {"tier": "top"})),
        Command(f"create configmap made -n {SPACE} --from-literal=a=1"),
        Command(f"create configmap made -n {SPACE} --from-literal=a=1", differs=ADVICE),
        Command(f"create secret generic made -n {SPACE} --from-literal=user=me"),
        Command(f"create namespace {SPACE}-more"),
        Command(f"get configmap made -n {SPACE} -o yaml --show-managed-fields"),
        Command("create -f -", config({}, name="Not_A_Name"), differs=ADVICE),
    ],
    "edit": [
        Command(f"edit configmap settings -n {SPACE}", edit="s/c: .4./c: edited/"),
        Command(f"edit configmap settings -n {SPACE}", edit="s/nothing/changes/"),
        Command(f"get configmap settings -n {SPACE} -o yaml --show-managed-fields"),
        Command(f"edit stage dev -n {SPACE}", edit="s/a: c/a: edited/"),
        Command(f"edit stage dev -n {SPACE} -o json --field-manager=me", edit='s/"a": "edited"/"a": "again"/'),
        Command(f"get stage dev -n {SPACE} -o yaml --show-managed-fields"),
        Command(f"edit stage nope -n {SPACE}", edit="s/a/b/", differs=ADVICE),
    ],
    "status": [
        Command(
            "apply --server-side --subresource=status -f -",
            stage("ssa").replace('"spec"', '"status": {"freightSummary": "1/1"}, "spec"'),
        ),
        Command(f"get stage ssa -n {SPACE} -o yaml --show-managed-fields"),
        Command(
            "replace --subresource=status -f -",
            stage("ssa").replace('"spec"', '"status": {"freightSummary": "2/2"}, "spec"'),
        ),
        Command(f"get stage ssa -n {SPACE} -o yaml --show-managed-fields"),
        Command(f"get stage ssa -n {SPACE} --subresource=status --no-headers"),
        Command("apply --server-side --subresource=status -f -", stage("missing"), differs=ADVICE),
        Command("apply --server-side --subresource=status -f -", config({"a": "1"}), differs=ADVICE),
    ],
    "mistakes": [
        Command("create -f -", stage("wrong", shrad="x"), differs=ADVICE),
        Command("create -f - --validate=warn", stage("warned", shrad="x")),
        Command("create -f - --validate=ignore", stage("ignored", shrad="x")),
        Command("create -f -", stage("wrong", vars="x"), differs=ADVICE),
        Command("create -f -", stage("wrong", requestedFreight=None), differs=ADVICE),
        Command("create -f -", config({"a": 1}, name="typed"), differs=ADVICE),
        Command("create -f -", config({"a": "1"}, name="typed", dta={}), differs=ADVICE),
        Command("create -f - --validate=warn", config({"a": "1"}, name="warned", dta={})),
        Command("create -f -", warehouse(space="nowhere"), differs=ADVICE),
        Command(f"get stage nope -n {SPACE}", differs=ADVICE),
        Command("get nonsense"),
        Command(f"get stages -n {SPACE} -l a=,b~in~c", differs=ADVICE),
        Command(f"get stages -n {SPACE} --field-selector spec.nope=1", differs=ADVICE),
        Command(f"get stages -n {SPACE} --field-selector metadata.name=dev --no-headers -o name"),
        Command(f"delete stage nope -n {SPACE}", differs=ADVICE),
        Command(f"patch stage nope -n {SPACE} --type=merge -p {{}}", differs=ADVICE),
        Command("replace -f -", stage("dev").replace('"labels"', '"resourceVersion": "1", "labels"'), differs=ADVICE),
        Command("apply -f - --field-manager=" + "x" * 200, stage("dev"), differs=ADVICE),
        Command("create -f -", config({"not~a~key": "1"}, name="typed"), differs=ADVICE),
        Command("create -f -", secret({"a": "1"}, type="kubernetes.io/tls").replace("creds", "typed"), differs=ADVICE),
        Command(f'patch secret creds -n {SPACE} -p {{"type":"mine"}}', differs=ADVICE),
        Command("apply -f -", config({"a": "1"}, name="kept", immutable=True)),
        Command(f'patch configmap kept -n {SPACE} -p {{"data":{{"a":"2"}}}}', differs=ADVICE),
        Command(f"label configmap kept -n {SPACE} a=b"),
        Command(f"delete configmap kept -n {SPACE}"),
        Command("apply --server-side --force-conflicts -f -", config({"a": "1"}, apiVersion="v2")),
        Command(f"delete secret creds -n {SPACE} --dry-run=server"),
        Command(f"delete stages -n {SPACE} -l tier=nothing"),
        Command(f"delete stage made warned ignored -n {SPACE}"),
        Command(f"delete stage made -n {SPACE} --ignore-not-found"),
    ],
    "ask": [
        Command("explain stage", differs=DESCRIPTIONS),
        Command("explain stage.spec.requestedFreight.origin"),
        Command("explain warehouse --recursive"),
        Command("explain stage.spec.nope"),
        Command("explain configmap.data", differs=DESCRIPTIONS),
        Command("explain stage.metadata.labels", differs=DESCRIPTIONS),
        Command(f"auth can-i create stages -n {SPACE}"),
        Command(f"auth can-i promote stages.kargo.akuity.io -n {SPACE}"),
        Command(f"auth can-i delete nonsense -n {SPACE}"),
        Command(f"auth can-i --list -n {SPACE}", differs=RIGHTS),
        Command("api-resources --api-group=kargo.akuity.io"),
        Command(f"get stages,warehouses -n {SPACE} --show-labels"),
        Command(f"get stage dev -n {SPACE} -o jsonpath={{.spec.requestedFreight[0].origin.name}}"),
        Command(f"describe stage dev -n {SPACE}"),
        Command(f"get configmaps settings -n {SPACE}"),
        Command(f"get secrets,configmaps -n {SPACE} -l nothing=here"),
        Command(f"get secrets creds -n {SPACE} -o wide"),
        Command(f"get namespace {SPACE}"),
        Command("create -f -", event()),
        Command(f"get events -n {SPACE}"),
        Command(f"get events -n {SPACE} -o wide"),
        Command(f"create serviceaccount me -n {SPACE}"),
        Command(f"create role r -n {SPACE} --verb=get --resource=secrets"),
        Command(f"create rolebinding rb -n {SPACE} --role=r --serviceaccount={SPACE}:me"),
        Command(f"get serviceaccounts me -n {SPACE}"),
        Command(f"get roles,rolebindings -n {SPACE}"),
        Command(f"get stages -n {SPACE} -o wide --sort-by={{.metadata.name}}"),
        Command(f"get stages -n {SPACE} -o custom-columns=N:.metadata.name,T:.metadata.labels.tier"),
    ],
    "delete with what depends on it": [  # the last: a cluster needs its garbage collector to finish
        Command(f"delete configmap made -n {SPACE} --cascade=orphan --wait=false"),
        Command(f"delete stage ssa -n {SPACE} --cascade=foreground --wait=false"),
        Command(f"delete stage dev -n {SPACE} --cascade=background"),
    ],
}
