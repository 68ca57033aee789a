"""The cluster that other tests rely on: it is real, it lets in whom it should, and it comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from argosy.clients.kubeconfig import read_kubeconfig
from argosy.clients.kubernetes_login import connect
from argosy.clock import SystemClock
from argosy.errors import Permanent
from argosy.testing.cluster import VERSION, Cluster, program
from argosy.testing.kubectl import Kubectl


def test_it_is_the_version_that_is_named(cluster: Cluster, tmp_path: Path) -> None:
    told = Kubectl(cluster.kubeconfig(), tmp_path)("version", "-o", "json").json
    assert told["serverVersion"]["gitVersion"] == VERSION


def test_users_are_told_apart_and_may_do_nothing_unasked(cluster: Cluster, tmp_path: Path) -> None:
    alice = Kubectl(cluster.kubeconfig("alice"), tmp_path)
    assert alice("auth", "whoami", "-o", "json").json["status"]["userInfo"]["username"] == "alice"
    refused = alice("get", "secrets")
    assert (refused.code, "Forbidden" in refused.err) == (1, True)


def test_its_data_outlive_a_kill(cluster: Cluster, tmp_path: Path) -> None:
    kubectl = Kubectl(cluster.kubeconfig(), tmp_path)
    assert kubectl("create", "namespace", "outlives").code == 0
    cluster.stop("kube-apiserver", kill=True)
    cluster.stop("etcd", kill=True)
    cluster.start()
    assert kubectl("get", "namespace", "outlives").code == 0


def test_a_missing_program_is_an_error_with_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="make tools"):
        program("etcd")


async def test_a_kind_that_nobody_defined_is_told_as_that(cluster: Cluster) -> None:
    connection = connect(read_kubeconfig([cluster.kubeconfig()]), SystemClock())
    try:
        with pytest.raises(Permanent, match=r"serves nothing at /apis/example\.com/v1/ships") as told:
            await connection.send("GET", "/apis/example.com/v1/ships")
        assert (told.value.reason, "installed" in told.value.advice) == ("NotFound", True)
    finally:
        await connection.close()
