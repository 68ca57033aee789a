"""Patience with Argo CD: nobody has it look at the same Application more than once a second.

Right after a sync its times, which are whole seconds, tell too little, and whoever needs to know asks again. Asked at
once, Argo CD would look again and again until the second is over.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence

from argosy.clients.argocd import Applications
from argosy.clients.kubernetes_connection import Data
from argosy.clients.selection import Change
from argosy.clock import Clock
from argosy.errors import ArgosyError
from argosy.rules.argocd import Application
from argosy.rules.argocd_change import Sync

log = logging.getLogger(__name__)

PAUSE = 1.0
"""Seconds between two looks that are asked for."""

_Key = tuple[str, str]


class PatientApplications:
    """Applications (`clients.argocd.Applications`) of which each is refreshed once in a while: a request that comes too
    early is made later, and more of them meanwhile are one. Only hard looks are put off: a normal one is asked for
    once, by who needs a look that begins now."""

    def __init__(self, inner: Applications, clock: Clock) -> None:
        self.inner = inner
        self._clock = clock
        self._asked: dict[_Key, float] = {}
        self._later: dict[_Key, asyncio.Task[None]] = {}

    @property
    def namespace(self) -> str:
        return self.inner.namespace

    async def get(self, namespace: str, name: str) -> Data:
        return await self.inner.get(namespace, name)

    async def select(self, namespace: str, labels: str) -> Sequence[Data]:
        return await self.inner.select(namespace, labels)

    async def sync(self, app: Application, sync: Sync) -> None:
        await self.inner.sync(app, sync)

    async def refresh(self, app: Application, *, hard: bool) -> None:
        key, now = (app.namespace, app.name), self._clock.monotonic()
        self._asked = {each: when for each, when in self._asked.items() if now - when < PAUSE}
        if hard and key in self._later:
            return
        if not hard or key not in self._asked:
            self._asked[key] = now
            await self.inner.refresh(app, hard=hard)
            return
        after = PAUSE - (now - self._asked[key])
        self._later[key] = asyncio.create_task(self._refresh_later(app, hard, after), name=f"refresh {app.name}")

    async def _refresh_later(self, app: Application, hard: bool, after: float) -> None:
        key = (app.namespace, app.name)
        try:
            await self._clock.sleep(after)
            self._asked[key] = self._clock.monotonic()
            await self.inner.refresh(app, hard=hard)
        except ArgosyError as error:
            log.warning("a refresh of %s cannot be asked for: %s", app, error)
        finally:
            self._later.pop(key, None)

    def watch(self) -> AsyncGenerator[Change]:
        return self.inner.watch()

    async def close(self) -> None:
        tasks = list(self._later.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.inner.close()
