"""The Store on SQLite: one writer thread, readers beside it, watchers fed after each commit."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path

from sqlalchemy import Connection

from argosy.clock import Clock
from argosy.errors import AlreadyExists, Conflict, Invalid, NotFound
from argosy.resources.kind import Kind
from argosy.resources.meta import Document, Json, Key
from argosy.rules.field_ownership_apply import applied
from argosy.rules.field_ownership_write import Write
from argosy.store.base import Admit, Applying, Event, Page, PatchType, Propagation, Query
from argosy.store.change import Change
from argosy.store.database import Database
from argosy.store.draft import key_of, kind_of, not_found
from argosy.store.indexing import reindex
from argosy.store.listing import list_page, read_log
from argosy.store.manager import manager
from argosy.store.operation import Apply, Create, Delete, Patch, Update
from argosy.store.reading import Reader
from argosy.store.resealing import holds_sealed, rotate
from argosy.store.selection import check_fields
from argosy.store.typed import find
from argosy.store.vault import Vault
from argosy.store.watching import Hub, watch
from argosy.store.writer import Writer

LOG_LENGTH = 10_000
"""How many changes the log keeps: how far back a watch resumes and a paged list goes on."""

TRIES = 20
"""How often something is applied anew when others write at the same time."""

LOG_STEP = 500
"""Changes read from the log at once."""

SHORT = 200
"""The longest list that is read in the event loop, where it takes two milliseconds or so."""

SQLITE = "sqlite:///"


def open_store(
    url: str, kinds: Mapping[str, Kind], *, clock: Clock, key_file: Path, log_length: int = LOG_LENGTH
) -> SqlStore:
    """Open the store named by `url`, `sqlite:///path`; a missing database is made. Blocks for a moment.

    Args:
        url: `sqlite:///relative/path` or `sqlite:////absolute/path`.
        kinds: the kinds it may keep.
        clock: stamps what is written.
        key_file: the keys that Secrets are encrypted with; made if missing, outside the database's folder.
        log_length: how many changes are kept for watches to resume from.

    Raises:
        Invalid: for another kind of URL, or a key file beside the database.
        Unavailable: when the database or the key file cannot be used.
    """
    path = database_of(url)
    key_file = key_file.expanduser().absolute()
    if key_file.resolve().is_relative_to(path.resolve().parent):
        raise Invalid(
            f"the key file {key_file} lies in the folder of the database",
            advice="Keep it elsewhere, so that a copy of the data does not bring its key along.",
        )
    database = Database(path)
    try:
        with database.explained(), database.connect() as connection:
            vault = Vault.unlock(key_file, create=not holds_sealed(connection))
            reindex(connection, vault, kinds)
        return SqlStore(database, vault, kinds, clock=clock, log_length=log_length)
    except BaseException:
        database.close()
        raise


def database_of(url: str) -> Path:
    """The database's file. Raises Invalid for a URL that names none."""
    if url.startswith(SQLITE) and len(url) > len(SQLITE) and not url.endswith("/"):
        return Path(url.removeprefix(SQLITE)).expanduser().absolute()
    scheme = url.partition(":")[0]
    advice = "Write sqlite:///path or kubernetes://context."
    if scheme == "postgresql":
        raise Invalid(f"stores of the kind {scheme}:// cannot be used yet", advice=advice)
    raise Invalid(f"{scheme!r} is not the beginning of a store's URL", advice=advice)


class SqlStore:
    """A `Store` in one SQLite file. Belongs to the event loop that uses it first."""

    def __init__(
        self, database: Database, vault: Vault, kinds: Mapping[str, Kind], *, clock: Clock, log_length: int
    ) -> None:
        self._database = database
        self._vault = vault
        self._kinds = kinds
        self._clock = clock
        self._reader = Reader(database)
        self._writer = Writer(database, vault, kinds, clock=clock, log_length=log_length)
        self._hub = Hub(clock, self._writer.newest)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._writer.start(self._publish)

    async def get(self, key: Key) -> Document:
        kind = self._kind(key.kind)
        row = self._reader.get(key)
        if row is None:
            raise not_found(kind, key)
        uid, version, stored = row
        return Document(key, version, self._vault.open(key, uid, stored))

    async def list(self, query: Query, *, limit: int = 0, more: str = "") -> Page:
        check_fields(query, self._kind(query.kind))
        vault = self._vault
        if _is_lookup(query) and not limit and not more:
            # What controllers ask for is mostly short, and a thread that computes beside the event loop slows both.
            page = self._reader.at_once(lambda connection: list_page(connection, vault, query, SHORT, ""))
            if not page.more:
                return page
        return await self._reader.snapshot(lambda connection: list_page(connection, vault, query, limit, more))

    async def watch(self, query: Query, *, since: int | None = None) -> AsyncGenerator[Event, None]:
        check_fields(query, self._kind(query.kind))
        self._loop = asyncio.get_running_loop()
        events = watch(self._hub, query, since, read_page=lambda: self.list(query), read_log=self._read_log)
        async with contextlib.aclosing(events):
            async for event in events:
                yield event

    async def create(self, document: Mapping[str, Json], *, dry_run: bool = False) -> Document:
        return await self._writer.run(Create(document, dry_run, manager.get()))

    async def update(self, document: Mapping[str, Json], *, status: bool = False, dry_run: bool = False) -> Document:
        return await self._writer.run(Update(document, status, dry_run, manager.get()))

    async def patch(
        self, key: Key, patch: Json, type: PatchType = PatchType.MERGE, *, status: bool = False, dry_run: bool = False
    ) -> Document:
        return await self._writer.run(Patch(key, patch, type, status, dry_run, manager.get()))

    async def apply(self, document: Mapping[str, Json], how: Applying, *, admit: Admit | None = None) -> Document:
        key = key_of(document)
        kind = self._kind(key.kind)
        asked = document["metadata"].get("resourceVersion")
        write = Write(how.manager, self._clock.now(), "status" if how.status else "")
        for attempt in range(1, TRIES + 1):
            current = await find(self, key)
            if current is None and how.status:
                raise not_found(kind, key)
            data = applied(current.data if current else None, dict(document), kind, write, force=how.force)
            if admit is not None and not how.status:
                data = await admit(current, data)
            try:
                return await self._writer.run(Apply(data, how.status, how.dry_run))
            except (Conflict, AlreadyExists, NotFound):
                now = await find(self, key)
                changed = (now.version if now else 0) != (current.version if current else 0)
                if attempt == TRIES or asked or not changed:
                    raise
        raise AssertionError("the loop ends by answer or error")

    async def delete(
        self,
        key: Key,
        *,
        uid: str = "",
        version: int = 0,
        propagation: Propagation = "Background",
        dry_run: bool = False,
    ) -> Document:
        return await self._writer.run(Delete(key, uid, version, propagation, dry_run))

    async def version(self) -> int:
        return self._reader.version()

    async def rotate(self) -> None:
        """Make a new key, encrypt every Secret again with it, forget the old keys. Other writes go on meanwhile."""
        await rotate(self._vault, self._writer.run)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._writer.stop()
        await asyncio.to_thread(self._writer.join)
        self._hub.close()
        await asyncio.to_thread(self._reader.close)
        self._database.close()

    def _kind(self, name: str) -> Kind:
        return kind_of(self._kinds, name)

    async def _read_log(self, kind: str, since: int) -> tuple[Sequence[Change], int, bool]:
        def read(connection: Connection) -> tuple[Sequence[Change], int, bool]:
            return read_log(connection, self._vault, kind, since, LOG_STEP)

        return await self._reader.snapshot(read)

    def _publish(self, changes: Sequence[Change]) -> None:
        """Hand changes to the event loop; before anybody watches there is nobody to tell."""
        if changes and self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody watches any more
                self._loop.call_soon_threadsafe(self._hub.publish, changes)


def _is_lookup(query: Query) -> bool:
    """Whether an index leads straight to what is selected."""
    plain = not query.labels and not query.excluded
    return plain and query.namespace is not None and bool(query.fields)
