"""What tells controllers of changes outside of the store."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from argosy.app import argocd as of_argocd
from argosy.app import cluster as of_cluster
from argosy.clients.argocd import Applications
from argosy.clients.cluster import Cluster
from argosy.clock import Clock
from argosy.runtime.signal import Signals

News = Callable[[], Coroutine[Any, Any, None]]
"""Tells of changes until it is cancelled."""


def news_for(argocd: Applications | None, cluster: Cluster | None, signals: Signals, clock: Clock) -> tuple[News, ...]:
    """One for each place that is configured."""
    news: list[News] = []
    if argocd is not None:
        news.append(partial(of_argocd.follow, argocd, signals, clock))
    if cluster is not None:
        news.append(partial(of_cluster.follow, cluster, signals, clock))
    return tuple(news)
