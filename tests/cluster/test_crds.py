"""`argosy crds` on a real API server: installing, looking first, and taking over what Kargo left."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.resources.kargo_case import KINDS as KARGO_KINDS
from tests.resources.kargo_case import kargo_crd, schema
from tests.resources.kargo_object import kargo_object

from argosy.cli import command
from argosy.clients.kubernetes_connection import Connection, Server
from argosy.clock import SystemClock
from argosy.resources.kinds import ARGO, KARGO, KINDS
from argosy.resources.meta import Key
from argosy.store.kubernetes import KubernetesStore
from argosy.testing.cluster import Cluster, running_cluster
from argosy.testing.kubectl import Kubectl

Data = dict[str, Any]


pytestmark = pytest.mark.xdist_group("definitions")  # tests of one cluster follow each other


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster of its own: definitions concern everybody."""
    with running_cluster(tmp_path_factory.mktemp("definitions")) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def kubectl(own: Cluster) -> Kubectl:
    return Kubectl(own.kubeconfig(), own.folder)


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster with Kargo's definitions, and an object of each kind with every field."""
    with running_cluster(tmp_path_factory.mktemp("left")) as cluster:
        kubectl = Kubectl(cluster.kubeconfig(), cluster.folder)
        whole = {"apiVersion": "v1", "kind": "List", "items": [kargo_crd(kind) for kind in KARGO_KINDS]}
        assert kubectl("create", "-f", "-", stdin=json.dumps(whole)).code == 0
        established(kubectl)
        kubectl("create", "namespace", "left")
        for kind in KARGO_KINDS:
            text = json.dumps(kargo_object(kind, "left"))
            assert kubectl("create", "--validate=strict", "-f", "-", stdin=text).code == 0, kind
            if KINDS[kind].status:
                wrote = kubectl("replace", "--subresource=status", "-f", "-", stdin=text)
                assert wrote.code == 0, wrote.err
        yield cluster


def established(kubectl: Kubectl) -> None:
    """Returns when the definitions are served."""
    assert kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=20s").code == 0


def argosy(own: Cluster, *arguments: str) -> Result:
    return CliRunner(env={"KUBECONFIG": str(own.kubeconfig())}).invoke(
        command, ["crds", *arguments], prog_name="argosy"
    )


def kept(kubectl: Kubectl, kind: str) -> Data:
    """The one object of a kind, without what every write changes."""
    found = kubectl("get", KINDS[kind].plural, "-A", "-o", "json").json["items"]
    assert len(found) == 1, kind
    return {name: value for name, value in found[0].items() if name not in ("metadata",)}


def test_they_install_without_a_warning(own: Cluster, kubectl: Kubectl) -> None:
    printed = argosy(own, "--analysis").stdout
    done = kubectl("create", "--dry-run=server", "--warnings-as-errors", "-f", "-", stdin=printed)
    assert (done.code, done.err) == (0, "")
    assert len(done.rows) == len([kind for kind in KINDS.values() if kind.group in (KARGO, ARGO)])


def test_what_is_not_installed_is_told_then_applied_then_unchanged(own: Cluster, kubectl: Kubectl) -> None:
    looked = argosy(own, "diff")
    assert (looked.exit_code, "stages.kargo.akuity.io\n    is not installed yet" in looked.stdout) == (2, True)
    applied = argosy(own, "apply", "--analysis")
    assert applied.stdout.splitlines()[0].endswith("projects.kargo.akuity.io applied")
    again = argosy(own, "apply")
    assert all(line.endswith("unchanged") for line in again.stdout.splitlines())
    looked = argosy(own, "diff")
    assert (looked.exit_code, looked.stdout) == (0, "0 of 11 definitions would change; nothing would get lost.\n")


def test_their_names_are_accepted_and_kubectl_knows_them(own: Cluster, kubectl: Kubectl) -> None:
    argosy(own, "apply", "--analysis")
    established(kubectl)
    found = kubectl("get", "crd", "-o", "json").json["items"]
    assert len(found) == len([kind for kind in KINDS.values() if kind.group in (KARGO, ARGO)])
    for each in found:
        states = {state["type"]: state["status"] for state in each["status"]["conditions"]}
        assert states == {"NamesAccepted": "True", "Established": "True"}
    assert "requestedFreight" in kubectl("explain", "stages.spec").out
    assert kubectl("get", "promos", "-A").code == 0


def newer() -> Data:
    """A definition with a field of tomorrow."""
    whole = copy.deepcopy(kargo_crd("Target"))
    schema(whole)["properties"]["spec"]["properties"]["region"] = {"type": "string"}
    return whole


def test_a_field_of_a_newer_kargo_is_given_up_only_by_force(own: Cluster, kubectl: Kubectl) -> None:
    argosy(own, "apply")
    whole = {"apiVersion": "v1", "kind": "List", "items": [newer(), kargo_crd("Stage")]}
    assert kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=json.dumps(whole)).code == 0
    meta = {"name": "x", "namespace": "default"}
    target = {"apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Target", "metadata": meta}
    text = json.dumps({**target, "spec": {"params": {"a": 1}, "region": "north"}})
    assert kubectl("create", "-f", "-", stdin=text).code == 0
    refused = argosy(own, "apply")
    assert refused.exit_code == 1
    assert "targets.kargo.akuity.io: field .spec.region disappears" in refused.stderr
    looked = argosy(own, "diff").stdout
    assert "  ! field .spec.region disappears" in looked
    assert "field .status.journal appears" not in looked.partition("stages.kargo")[0]
    assert "stages.kargo.akuity.io" in looked, "nothing was installed"
    assert argosy(own, "apply", "--keep").exit_code == 0
    assert argosy(own, "apply", "--keep").stdout.count("unchanged") == 11
    assert kept(kubectl, "Target")["spec"] == {"params": {"a": 1}, "region": "north"}
    assert argosy(own, "apply", "--force").exit_code == 0
    kubectl("label", "target", "x", "mine=1")
    assert kept(kubectl, "Target")["spec"] == {"params": {"a": 1}}


def test_what_kargo_left_is_taken_over_in_place(left: Cluster) -> None:
    kubectl = Kubectl(left.kubeconfig(), left.folder)
    before = {kind: kept(kubectl, kind) for kind in KARGO_KINDS}
    looked = argosy(left, "diff")
    assert (looked.exit_code, "nothing would get lost" in looked.stdout) == (2, True)
    assert "field .status.journal appears" in looked.stdout
    applied = argosy(left, "apply")
    assert applied.exit_code == 0, applied.output
    assert argosy(left, "diff").stdout.startswith("0 of 11 definitions")
    for kind in KARGO_KINDS:
        assert set(before[kind]) == set(schema(kargo_crd(kind))["properties"]) - {"metadata"}, kind
        assert kept(kubectl, kind) == before[kind], kind
        KINDS[kind].model.model_validate(before[kind])
        where = ("-n", "left") if KINDS[kind].namespaced else ()
        marked = kubectl("label", KINDS[kind].plural, "--all", "mine=1", *where)
        assert marked.code == 0, marked.err
        assert kept(kubectl, kind) == before[kind], kind


def test_a_status_that_argosy_writes_keeps_what_kargo_wrote(left: Cluster) -> None:
    kubectl = Kubectl(left.kubeconfig(), left.folder)
    assert argosy(left, "apply").exit_code == 0
    changes: dict[str, Data] = {
        "Stage": {"freightSummary": "1/2"},
        "Promotion": {"journal": {"step": {"done": True}}},
    }
    before = {kind: kept(kubectl, kind) for kind in changes}

    async def write() -> None:
        server = Server(left.url, ca=left.ca_file.read_text(), token=left.token())
        store = KubernetesStore(Connection(server), KINDS, clock=SystemClock(), source="test")
        try:
            for kind, change in changes.items():
                await store.patch(Key(kind, "left", "x"), {"status": change}, status=True)
        finally:
            await store.close()

    asyncio.run(write())
    for kind, change in changes.items():
        assert kept(kubectl, kind) == {**before[kind], "status": {**before[kind]["status"], **change}}


def test_both_at_once_are_not_understood(own: Cluster) -> None:
    assert argosy(own, "apply", "--keep", "--force").exit_code == 2
