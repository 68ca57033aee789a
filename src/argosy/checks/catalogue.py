"""All kinds of health checks, by the names that steps register them under."""

from __future__ import annotations

from collections.abc import Mapping

from argosy.checks import cluster as of_cluster
from argosy.checks.argocd import NAME, ArgoCdCheck
from argosy.checks.base import Checks
from argosy.checks.cluster import ClusterCheck
from argosy.clients.argocd import Applications
from argosy.clients.cluster import Cluster


def checks_of(argocd: Applications | None, cluster: Cluster | None) -> Checks:
    """The checks of a system, which looks at an Argo CD and a cluster, if these are configured."""
    known: Mapping[str, ArgoCdCheck | ClusterCheck] = {
        NAME: ArgoCdCheck(argocd),
        "kubernetes": ClusterCheck(cluster, of_cluster.kubernetes),
        "flux": ClusterCheck(cluster, of_cluster.of_flux),
    }
    return Checks(known, {name: check.subjects for name, check in known.items()})
