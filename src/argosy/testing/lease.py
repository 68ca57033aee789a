"""A Lease that any number of candidates in one process share, with the troubles that a cluster has."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from argosy.errors import AlreadyExists, ArgosyError, Conflict, NotFound
from argosy.rules.lease import Lease


@dataclass
class SharedLease:
    """Compares versions as an API server does.

    Attributes:
        lease: what is kept; None when there is none.
        trouble: raised by every call while it is set.
        silent: while it is set, no call returns.
        history: every holder that was written, the empty one too.
        reads: how often it was read.
    """

    lease: Lease | None = None
    trouble: ArgosyError | None = None
    silent: bool = False
    place: str = "test/lease"
    history: list[str] = field(default_factory=list)
    reads: int = 0
    _version: int = 0

    async def read(self) -> Lease | None:
        """None when it is not there."""
        self.reads += 1
        await self._answer()
        return self.lease

    async def write(self, lease: Lease) -> Lease:
        """Raises AlreadyExists, Conflict and NotFound."""
        await self._answer()
        if lease.version and self.lease is None:
            raise NotFound(f"{self.place} is gone")
        if not lease.version and self.lease is not None:
            raise AlreadyExists(f"{self.place} is there already")
        if lease.version and self.lease is not None and self.lease.version != lease.version:
            raise Conflict(f"{self.place} has changed")
        self._version += 1
        self.lease = replace(lease, version=str(self._version))
        self.history.append(lease.holder)
        return self.lease

    async def _answer(self) -> None:
        await asyncio.sleep(0)  # others come in between, as on a network
        if self.silent:
            await asyncio.Event().wait()
        if self.trouble is not None:
            raise self.trouble
