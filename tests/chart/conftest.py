"""A cluster on which helm installed the chart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.chart.installed_case import CHART, SPACE, Installed, run_helm

from argosy.testing.cluster import running_cluster
from argosy.testing.kubectl import Kubectl


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """Installed by helm 4. Tests that use it belong to the group `chart`, so that there is one."""
    folder = tmp_path_factory.mktemp("installed")
    with running_cluster(folder / "cluster") as cluster:
        kubeconfig = cluster.kubeconfig()
        options = ("--namespace", SPACE, "--create-namespace")
        done = run_helm(4, "install", "argosy", str(CHART), *options, home=folder, kubeconfig=kubeconfig)
        assert done.returncode == 0, done.stderr
        kubectl = Kubectl(kubeconfig, folder)
        waited = kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=20s")
        assert waited.code == 0, waited.err
        yield Installed(cluster, kubectl, folder)
