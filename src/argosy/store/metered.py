"""A Store that tells of its writes, and of promotions that end by one of them."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from time import perf_counter

from argosy.clock import parse_rfc3339
from argosy.errors import ArgosyError
from argosy.meter import Meter
from argosy.resources.meta import Document, Json, Key
from argosy.resources.promotion import PromotionPhase
from argosy.store.base import Admit, Applying, PatchType, Propagation, Store
from argosy.store.decorator import Decorator

_ENDS = frozenset(phase.value for phase in PromotionPhase if phase.is_terminal)


class Metered(Decorator):
    """Does what the inner store does. Dry runs are no writes."""

    def __init__(self, inner: Store, meter: Meter) -> None:
        super().__init__(inner)
        self._meter = meter

    async def create(self, document: Mapping[str, Json], *, dry_run: bool = False) -> Document:
        return await self._told("create", _kind(document), dry_run, self._inner.create(document, dry_run=dry_run))

    async def update(self, document: Mapping[str, Json], *, status: bool = False, dry_run: bool = False) -> Document:
        work = self._inner.update(document, status=status, dry_run=dry_run)
        return await self._told("update", _kind(document), dry_run, work)

    async def patch(
        self, key: Key, patch: Json, type: PatchType = PatchType.MERGE, *, status: bool = False, dry_run: bool = False
    ) -> Document:
        work = self._inner.patch(key, patch, type, status=status, dry_run=dry_run)
        written = await self._told("patch", key.kind, dry_run, work)
        if key.kind == "Promotion" and status and not dry_run and _sets_phase(patch):
            self._tell_end(written.data.get("status") or {})
        return written

    async def apply(self, document: Mapping[str, Json], how: Applying, *, admit: Admit | None = None) -> Document:
        work = self._inner.apply(document, how, admit=admit)
        return await self._told("apply", _kind(document), how.dry_run, work)

    async def delete(
        self,
        key: Key,
        *,
        uid: str = "",
        version: int = 0,
        propagation: Propagation = "Background",
        dry_run: bool = False,
    ) -> Document:
        work = self._inner.delete(key, uid=uid, version=version, propagation=propagation, dry_run=dry_run)
        return await self._told("delete", key.kind, dry_run, work)

    async def _told(self, verb: str, kind: str, dry_run: bool, work: Awaitable[Document]) -> Document:
        begun, result = perf_counter(), "error"
        try:
            written = await work
            result = "success"
            return written
        except ArgosyError as error:
            result = error.reason
            raise
        finally:
            if not dry_run:
                self._meter.took("store_write", perf_counter() - begun, verb=verb, kind=kind, result=result)

    def _tell_end(self, status: Mapping[str, Json]) -> None:
        phase = str(status.get("phase") or "")
        if phase not in _ENDS:
            return
        begun, ended = status.get("startedAt"), status.get("finishedAt")
        seconds = (parse_rfc3339(ended) - parse_rfc3339(begun)).total_seconds() if begun and ended else 0.0
        self._meter.took("promotion", seconds, phase=phase)


def _kind(document: Mapping[str, Json]) -> str:
    return str(document.get("kind") or "")


def _sets_phase(patch: Json) -> bool:
    """Whether a patch of the status is about the phase: only the write that sets it ends a promotion."""
    if isinstance(patch, dict):
        return "phase" in (patch.get("status") or {})
    return any(operation.get("path") == "/status/phase" for operation in patch)
