"""The cluster that workloads run in, as the operator named it; and the news of what was looked at there."""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import urlsplit

import orjson

from argosy.clients.cluster import Cluster, Collection, subject
from argosy.clients.kubeconfig import find_access
from argosy.clients.kubernetes_login import connect
from argosy.clients.selection import Change
from argosy.clock import Clock
from argosy.errors import ArgosyError, Invalid
from argosy.runtime.signal import Signals
from argosy.settings import Settings

log = logging.getLogger(__name__)

_PAUSE, _MOST_PAUSE = 1.0, 60.0
"""Seconds before a lost watch is asked for again: the first time, and at most."""


def open_cluster(settings: Settings, clock: Clock) -> Cluster | None:
    """The cluster that steps and checks see; None when none is named. Raises Invalid and NotFound for settings that
    lead nowhere."""
    if not settings.cluster:
        return None
    parts = urlsplit(settings.cluster)
    if parts.scheme != "kubernetes":
        raise Invalid(f"{settings.cluster!r} names no cluster", advice="Write kubernetes://CONTEXT.")
    return Cluster(connect(find_access(parts.netloc + parts.path), clock))


async def follow(cluster: Cluster, signals: Signals, clock: Clock) -> None:
    """Tell of each object that changes, of the collections that somebody has looked at, until cancelled."""
    async with asyncio.TaskGroup() as tasks:
        async for collection in cluster.wanted():
            tasks.create_task(_follow(cluster, collection, signals, clock), name=f"watch {collection.kind}")


async def _follow(cluster: Cluster, collection: Collection, signals: Signals, clock: Clock) -> None:
    seen: dict[str, int] = {}
    pause, lost = _PAUSE, False
    while True:
        try:
            async for change in (changes := cluster.watch(collection)):
                # After a loss all are told of: one that went is not seen again, and whoever could not look has to.
                known = [subject(collection, name) for name in (*seen, "*")] if lost else ()
                signals.tell(*known, *_news(collection, change, seen))
                pause, lost = _PAUSE, False
        except ArgosyError as error:
            log.warning("watching %s: %s; again in %.0f s", subject(collection), error, pause)
        except Exception:
            log.exception("watching %s; again in %.0f s", subject(collection), pause)
        finally:
            await changes.aclose()
        lost = True
        await clock.sleep(pause)
        pause = min(_MOST_PAUSE, pause * 2)


def _news(collection: Collection, change: Change, seen: dict[str, int]) -> tuple[str, ...]:
    """The subjects that a change is news of: any change but one of who owns which field."""
    if change.type == "BOOKMARK":
        return ()
    meta = change.object.get("metadata") or {}
    name = str(meta.get("name", ""))
    if change.type == "DELETED":
        seen.pop(name, None)
    else:
        left = {key: value for key, value in meta.items() if key not in ("managedFields", "resourceVersion")}
        digest = hash(orjson.dumps({**change.object, "metadata": left}, option=orjson.OPT_SORT_KEYS))
        if seen.get(name) == digest:
            return ()
        seen[name] = digest
    return subject(collection, name), subject(collection)
