"""Argo CD, as the operator named it; and the news of its Applications, for whoever waits for them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from argosy.clients.argocd import Applications, KubernetesApplications, subject
from argosy.clients.argocd_http import ArgoCdServer, HttpApplications
from argosy.clients.argocd_patience import PatientApplications
from argosy.clients.kubeconfig import find_access
from argosy.clients.kubernetes_login import connect
from argosy.clients.selection import Change
from argosy.clock import Clock
from argosy.errors import ArgosyError, Invalid
from argosy.resources.meta import Json
from argosy.rules.argocd import concern
from argosy.runtime.signal import Signals
from argosy.settings import Settings

log = logging.getLogger(__name__)

_PAUSE, _MOST_PAUSE = 1.0, 60.0
"""Seconds before a lost watch is asked for again: the first time, and at most."""


def open_argocd(settings: Settings, clock: Clock) -> Applications | None:
    """The Applications that steps and checks see; None when no Argo CD is named.

    Raises Invalid and NotFound for settings that lead nowhere; whether anybody answers shows later.
    """
    if not settings.argocd:
        return None
    parts = urlsplit(settings.argocd)
    if parts.scheme == "kubernetes":
        connection = connect(find_access(parts.netloc + parts.path), clock)
        return PatientApplications(KubernetesApplications(connection, settings.argocd_namespace, clock), clock)
    if parts.scheme not in ("http", "https"):
        raise Invalid(
            f"{settings.argocd!r} names no Argo CD",
            advice="Write kubernetes://CONTEXT, or the https:// URL of its server.",
        )
    if not settings.argocd_token_file:
        raise Invalid(
            "Argo CD's HTTP API needs a token",
            advice="Put one of an account with the permissions get, sync and update into a file, and name that with "
            "--argocd-token-file.",
        )
    server = ArgoCdServer(
        settings.argocd, Path(settings.argocd_token_file), _authority(settings), not settings.argocd_insecure
    )
    return PatientApplications(HttpApplications(server, settings.argocd_namespace), clock)


def _authority(settings: Settings) -> str:
    if not settings.argocd_ca_file:
        return ""
    try:
        return Path(settings.argocd_ca_file).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"the file of --argocd-ca-file cannot be read: {error}") from error


async def follow(applications: Applications, signals: Signals, clock: Clock) -> None:
    """Tell of each Application that changes in what matters to anybody, until cancelled; lost watches come back.

    Then all of them are told of: one that went meanwhile is not seen again, and whoever could not look has to.
    """
    news = _News()
    pause, lost = _PAUSE, False
    while True:
        try:
            async for change in (changes := applications.watch()):
                signals.tell(*(news.known if lost else ()), *news.of(change))
                pause, lost = _PAUSE, False
        except ArgosyError as error:
            log.warning("watching the Applications of Argo CD: %s; again in %.0f s", error, pause)
        except Exception:
            log.exception("watching the Applications of Argo CD; again in %.0f s", pause)
        finally:
            await changes.aclose()
        lost = True
        await clock.sleep(pause)
        pause = min(_MOST_PAUSE, pause * 2)


class _News:
    """Remembers, by Application, a digest of what mattered last."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], int] = {}

    @property
    def known(self) -> tuple[str, ...]:
        """The subjects of all that was seen."""
        return tuple(subject(*key) for key in self._seen) + tuple(
            subject(place) for place in {each for each, _ in self._seen}
        )

    def of(self, change: Change) -> tuple[str, ...]:
        """The subjects that a change is news of."""
        meta: Mapping[str, Any] = change.object.get("metadata") or {}
        key = (str(meta.get("namespace", "")), str(meta.get("name", "")))
        if change.type == "BOOKMARK" or not key[1]:
            return ()
        if change.type == "DELETED":
            self._seen.pop(key, None)
        else:
            digest = hash(orjson.dumps(_concern(change.object), option=orjson.OPT_SORT_KEYS))
            if self._seen.get(key) == digest:
                return ()
            self._seen[key] = digest
        return subject(*key), subject(key[0])


def _concern(data: Mapping[str, Any]) -> Json:
    """What matters of an Application; all of it where it makes no sense."""
    try:
        return concern(data)
    except (AttributeError, TypeError, ValueError):
        return dict(data)
