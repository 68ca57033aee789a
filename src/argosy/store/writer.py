"""The one thread that writes: what waits goes into one transaction, so many writers share one wait for the disk."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, delete, exists, select, update
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError

from argosy.clock import Clock
from argosy.errors import ArgosyError, Unavailable
from argosy.failpoints import reach
from argosy.resources.kind import Kind
from argosy.store.change import Change
from argosy.store.database import Database
from argosy.store.sweeping import sweep_some
from argosy.store.tables import change, ledger, sweep
from argosy.store.transaction import Transaction
from argosy.store.vault import Vault

log = logging.getLogger(__name__)

GROUP = 256
"""The most writes in one transaction."""

SWEEP = 100
"""The most deletions that follow from others in one transaction; the rest comes in later ones."""

T = TypeVar("T")

Publish = Callable[[Sequence[Change]], None]

_SET_VERSION = update(ledger).values(version=bindparam("newest"))
_SET_PRUNED = update(ledger).values(pruned=bindparam("upto"))
_PRUNE = delete(change).where(change.c.version <= bindparam("upto"))


@dataclass(frozen=True, slots=True)
class _Request:
    operation: Callable[[Transaction], Any]
    future: asyncio.Future[Any]


_Outcome = tuple[_Request, Any, BaseException | None]


class Writer:
    """Runs operations in order, in groups. Each is acknowledged only after the disk has its group."""

    def __init__(
        self, database: Database, vault: Vault, kinds: Mapping[str, Kind], *, clock: Clock, log_length: int
    ) -> None:
        self._database = database
        self._vault = vault
        self._kinds = kinds
        self._clock = clock
        self._log_length = log_length
        self._queue: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._connection: Connection | None = None
        self._newest = self._pruned = 0
        self._sweeping = False
        self._closed = False
        self._publish: Publish = lambda _changes: None
        with database.explained():
            self._connect()
        self._thread = threading.Thread(target=self._run, name="argosy-writer", daemon=True)

    @property
    def newest(self) -> int:
        """The version of the last write."""
        return self._newest

    def start(self, publish: Publish) -> None:
        """Begin. `publish` gets each group's changes in the event loop, before its writers are answered."""
        self._publish = publish
        self._thread.start()

    async def run(self, operation: Callable[[Transaction], T]) -> T:
        """The result of `operation` once it is on disk. Raises what it raises, and Unavailable if it cannot be kept."""
        if self._closed:
            raise Unavailable("the store is closed")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.put(_Request(operation, future))
        return await future

    def stop(self) -> None:
        """Accept nothing more. To be called in the event loop's thread, as `run` is."""
        self._closed = True
        self._queue.put(None)

    def join(self) -> None:
        """Wait until everything accepted is done, then let go of the database."""
        self._thread.join()
        self._disconnect()

    def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = self._database.connect()
            row = self._connection.execute(select(ledger)).one()
            self._newest, self._pruned = row.version, row.pruned
            self._sweeping = bool(self._connection.execute(select(exists(select(sweep.c.id)))).scalar())
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(DBAPIError):
                self._connection.close()
            self._connection = None

    def _run(self) -> None:
        running = True
        while running:
            group, running = self._gather()
            if not group and not self._sweeping:
                continue
            outcomes, changes = self._write(group)
            self._answer(outcomes, changes)

    def _gather(self) -> tuple[list[_Request], bool]:
        """What waits, up to a group's size; waits itself when there is nothing to do."""
        group: list[_Request] = []
        with contextlib.suppress(queue.Empty):
            while len(group) < GROUP:
                request = self._queue.get(block=not group and not self._sweeping)
                if request is None:
                    return group, False
                group.append(request)
        return group, True

    def _write(self, group: Sequence[_Request]) -> tuple[list[_Outcome], Sequence[Change]]:
        try:
            with self._database.explained():
                return self._write_group(group)
        except Unavailable as error:
            self._sweeping = False  # taken up again with the next connection
            self._disconnect()
            return [(request, None, error) for request in group], ()
        except Exception as error:
            log.exception("a group of writes failed by a fault of Argosy")
            self._disconnect()
            return [(request, None, error) for request in group], ()

    def _write_group(self, group: Sequence[_Request]) -> tuple[list[_Outcome], Sequence[Change]]:
        connection = self._connect()
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        tx = Transaction(connection, self._vault, self._kinds, self._newest, self._clock.now(), self._log_length)
        outcomes = [self._perform(request, tx) for request in group]
        sweeping = self._sweep(tx) if self._sweeping or tx.planned else False
        if not tx.wrote:
            connection.rollback()
            self._sweeping = sweeping
            return outcomes, ()
        pruned = self._prune(tx)
        connection.execute(_SET_VERSION, {"newest": tx.newest})
        reach("store.commit.before")
        connection.commit()
        reach("store.commit.after")
        self._newest, self._pruned, self._sweeping = tx.newest, pruned, sweeping
        return outcomes, tx.changes

    def _perform(self, request: _Request, tx: Transaction) -> _Outcome:
        mark = tx.begin_step()
        try:
            result = request.operation(tx)
            reach("store.write")
            return request, result, None
        except (OperationalError, InternalError):
            raise  # the disk or the database, not this write: the whole group fails
        except Exception as error:
            tx.undo(mark)
            if not isinstance(error, ArgosyError):
                log.exception("a write failed by a fault of Argosy")
            return request, None, error

    def _sweep(self, tx: Transaction) -> bool:
        mark = tx.begin_step()
        try:
            return sweep_some(tx, SWEEP)
        except (OperationalError, InternalError):
            raise
        except Exception:
            # The writes of others must not suffer; the sweep is tried again after a restart.
            log.exception("what follows from a deletion could not be done")
            tx.undo(mark)
            return False

    def _prune(self, tx: Transaction) -> int:
        """Shorten the change log when it is an eighth too long. Returns up to which version it is cut off."""
        upto = tx.newest - self._log_length
        if upto - self._pruned < self._log_length // 8 or upto <= 0:
            return self._pruned
        tx.connection.execute(_PRUNE, {"upto": upto})
        tx.connection.execute(_SET_PRUNED, {"upto": upto})
        return upto

    def _answer(self, outcomes: Sequence[_Outcome], changes: Sequence[Change]) -> None:
        loops = {request.future.get_loop(): None for request, _, _ in outcomes}
        self._publish(changes)
        for loop in loops:
            mine = [outcome for outcome in outcomes if outcome[0].future.get_loop() is loop]
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(_resolve, mine)


def _resolve(outcomes: Sequence[_Outcome]) -> None:
    for request, result, error in outcomes:
        if request.future.done():
            continue
        if error is not None:
            request.future.set_exception(error)
        else:
            request.future.set_result(result)
