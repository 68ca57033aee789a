"""Leader election: of several replicas one turns, the others wait until it says nothing more."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from random import Random
from typing import Any, Protocol

from argosy.clock import Clock
from argosy.errors import AlreadyExists, ArgosyError, Conflict, NotFound, Unavailable
from argosy.rules.lease import Lease, Move, Observed, Timing, held, move, released

log = logging.getLogger(__name__)

JITTER = 0.2
"""By which part the waits of those that want to lead differ, so that they do not all ask at once."""


class LeadLost(Unavailable):
    """The Lease could not be kept. What was done under it has been cancelled."""


class Kept(Protocol):
    """Where the Lease is kept; `clients.lease.Leases` on a cluster."""

    @property
    def place(self) -> str: ...

    async def read(self) -> Lease | None:
        """None when it is not there."""
        ...

    async def write(self, lease: Lease) -> Lease:
        """Raises AlreadyExists and Conflict when somebody else wrote since it was read."""
        ...


class Election:
    """One candidate. Belongs to one event loop.

    Args:
        kept: where the Lease is.
        identity: of this replica; no two that run may have the same.
        clock: whose steady time tells when a Lease is over.
        random: spreads what candidates ask.

    Attributes:
        leading: set while this replica leads.
    """

    def __init__(
        self, kept: Kept, identity: str, clock: Clock, *, timing: Timing | None = None, random: Random | None = None
    ) -> None:
        self._kept = kept
        self._identity = identity
        self._clock = clock
        self._timing = timing or Timing()
        self._random = random or Random()
        self._observed: Observed | None = None
        self._until = 0.0
        self.leading = asyncio.Event()

    @property
    def holder(self) -> str:
        """Who was last seen to lead; empty for nobody."""
        return self._observed.lease.holder if self._observed else ""

    @property
    def holds(self) -> bool:
        """Whether this replica leads for certain: nobody else may have taken over by now."""
        return self.leading.is_set() and self._clock.monotonic() < self._until

    async def lead(self, work: Coroutine[Any, Any, None]) -> None:
        """Wait until this replica leads, and do `work` for as long as it does.

        Returns when `work` does; cancelled, it ends `work` first. Both times the Lease is given back.

        Raises LeadLost when the Lease was: `work` has been cancelled then. Raises what `work` raises.
        """
        try:
            await self._acquire()
        except BaseException:
            work.close()
            raise
        log.info("%s leads: it holds the Lease %s", self._identity, self._kept.place)
        self.leading.set()
        working = asyncio.create_task(work, name="leader")
        renewing = asyncio.create_task(self._renew(), name="lease")
        try:
            await asyncio.wait({working, renewing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.leading.clear()
            # What is under way ends before the Lease goes: another must not begin beside it.
            await _end(working)
            await _end(renewing)
            if not _failed(renewing):
                await self._release()
        if _failed(renewing):
            renewing.result()
        working.result()

    async def _acquire(self) -> None:
        """Return once the Lease is ours. Trouble of the cluster is waited out."""
        holder, trouble = None, ""
        while True:
            try:
                if await self._try():
                    return
                trouble = ""
            except ArgosyError as error:
                if str(error) != trouble:
                    trouble = str(error)
                    log.warning("the Lease %s: %s", self._kept.place, trouble)
            if self.holder != holder:
                holder = self.holder
                log.info("%s waits: %s holds the Lease %s", self._identity, holder or "nobody", self._kept.place)
            await self._clock.sleep(self._timing.retry * (1 + JITTER * self._random.random()))

    async def _renew(self) -> None:
        """Renew until it cannot be done in time, or somebody else has the Lease. Raises LeadLost."""
        while True:
            await self._clock.sleep(min(self._timing.retry, self._until - self._clock.monotonic()))
            try:
                is_ours = await self._in_time()
            except ArgosyError as error:
                if self._clock.monotonic() >= self._until:
                    raise self._lost(error.message) from error
                log.warning("the Lease %s was not renewed: %s", self._kept.place, error)
                continue
            if not is_ours:
                raise self._lost(f"it is held by {self.holder}")
            if self._clock.monotonic() >= self._until:
                raise self._lost("others write it all the time")

    def _lost(self, reason: str) -> LeadLost:
        return LeadLost(
            f"{self._identity} has lost the Lease {self._kept.place}: {reason}",
            advice="Another replica takes over where there is one; this one tries to take part again.",
        )

    async def _in_time(self) -> bool:
        """One try to renew. Raises what the cluster says, and Unavailable when there is no time left."""
        trying = asyncio.create_task(self._try())
        ending = asyncio.create_task(self._clock.sleep(self._until - self._clock.monotonic()))
        try:
            await asyncio.wait({trying, ending}, return_when=asyncio.FIRST_COMPLETED)
            if trying.done():
                return trying.result()
            raise Unavailable(f"nobody answered for {self._timing.renew:g} seconds")
        finally:
            for task in (trying, ending):
                task.cancel()
            await asyncio.gather(trying, ending, return_exceptions=True)

    async def _try(self) -> bool:
        """Look, and take or renew where that may be; whether the Lease is ours. Raises what the cluster says."""
        begun = self._clock.monotonic()
        if self.leading.is_set() and await self._write_unread():
            self._until = begun + self._timing.renew
            return True
        found = await self._kept.read()
        if found is None:
            self._observed = None
        else:
            now = self._clock.monotonic()
            self._observed = self._observed.seeing(found, now) if self._observed else Observed(found, now)
        if move(self._observed, self._identity, self._clock.monotonic()) is Move.WAIT:
            return False
        try:
            await self._write(held(found, self._identity, self._timing, self._clock.now()))
        except (AlreadyExists, Conflict):
            # Somebody else wrote in between. If that was a holder, the next look will tell.
            return found is not None and found.holder == self._identity and await self._is_ours()
        self._until = begun + self._timing.renew
        return True

    async def _write_unread(self) -> bool:
        """Renew what was written last, which mostly nobody touches; whether it was as it was left."""
        if self._observed is None or self._observed.lease.holder != self._identity:
            return False
        try:
            await self._write(held(self._observed.lease, self._identity, self._timing, self._clock.now()))
        except (Conflict, NotFound):
            return False
        return True

    async def _is_ours(self) -> bool:
        """After a conflict of a holder: is it the holder still? It has not renewed, so its time is not extended."""
        found = await self._kept.read()
        if found is not None:
            self._observed = Observed(found, self._clock.monotonic())
        return found is not None and found.holder == self._identity

    async def _write(self, lease: Lease) -> None:
        kept = await self._kept.write(lease)
        self._observed = Observed(kept, self._clock.monotonic())

    async def _release(self) -> None:
        """Let the next one begin at once. When it cannot be told, it begins when the Lease is over."""
        with contextlib.suppress(ArgosyError, TimeoutError):
            async with asyncio.timeout(self._timing.retry):
                found = await self._kept.read()
                if found is not None and found.holder == self._identity:
                    await self._write(released(found, self._clock.now()))
                    log.info("%s gave back the Lease %s", self._identity, self._kept.place)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _failed(task: asyncio.Task[None]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is not None
