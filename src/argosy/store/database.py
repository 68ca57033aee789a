"""Opens the SQLite database: takes its lock, migrates its schema, and refuses clearly what it cannot use."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, exc, inspect, text
from sqlalchemy.pool import NullPool

from argosy.errors import Unavailable
from argosy.failpoints import reach

APPLICATION_ID = 0x41524759
"""Written into the database's header, so that another program's database is never taken for ours."""

_PRAGMAS = (
    "PRAGMA busy_timeout = 10000",
    "PRAGMA journal_mode = WAL",
    # An acknowledged write must survive power loss: every commit waits for the disk.
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = 1",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -32768",
    "PRAGMA mmap_size = 268435456",
    "PRAGMA journal_size_limit = 67108864",
)


class Database:
    """The locked, migrated database file. Close it to let go of the lock."""

    def __init__(self, path: Path) -> None:
        """Raises Unavailable when the file is in use, damaged, of a newer schema, not ours or not writable."""
        self.path = Path(os.path.realpath(path))
        with _explained(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = _lock(self.path)
        self.engine = _engine(self.path)
        try:
            with _explained(self.path):
                self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        if not self.path.exists():
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        with self.engine.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA application_id").scalar()
            tables = inspect(connection).get_table_names()
            if tables and found != APPLICATION_ID:
                raise Unavailable(
                    f"{self.path} is the database of another program", advice="Name another file for Argosy's data."
                )
            _migrate(connection, self.path)

    def connect(self) -> Connection:
        """A connection that has no transaction until one is begun with `BEGIN`; any one thread may use it at a time."""
        return self.engine.connect()

    def close(self) -> None:
        self.engine.dispose()
        os.close(self._lock)

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """Turns what SQLite and the system say into Unavailable with advice."""
        with _explained(self.path):
            yield


def _engine(path: Path) -> Engine:
    # Without a pool every connection is as fresh as its file; autocommit leaves BEGIN and COMMIT to us.
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=NullPool,
        connect_args={"check_same_thread": False, "isolation_level": None, "cached_statements": 256},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        for pragma in _PRAGMAS:
            connection.execute(pragma).close()

    return engine


def _lock(path: Path) -> int:
    name = path.with_name(path.name + ".lock")
    handle = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(handle, 32).decode("ascii", "replace").strip()
        os.close(handle)
        raise Unavailable(
            f"{path} is in use by the process {holder or 'that has just opened it'}",
            advice="Stop that process first, or speak to its server instead of opening its database.",
        ) from None
    with contextlib.suppress(OSError):  # on a full disk the number is missing, the lock is not
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    return handle


def _migrate(connection: Connection, path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    head = ScriptDirectory.from_config(config).get_current_head()
    known = inspect(connection).has_table("alembic_version")
    current = connection.scalar(text("SELECT version_num FROM alembic_version")) if known else None
    if current == head:
        return
    config.attributes["connection"] = connection
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        command.upgrade(config, "head")
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        reach("store.migrate")
        connection.commit()
    except CommandError as error:
        connection.rollback()
        raise Unavailable(
            f"{path} was written by a newer version of Argosy (schema {current}; this one knows {head})",
            advice="Start the newer version again, or restore the backup made before the upgrade.",
        ) from error


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except exc.DBAPIError as error:
        raise _explain(path, error.orig) from error
    except sqlite3.Error as error:
        raise _explain(path, error) from error
    except OSError as error:
        raise Unavailable(
            f"{path} cannot be used: {error.strerror}", advice="Look at the folder's permissions and free space."
        ) from error


def _explain(path: Path, error: BaseException | None) -> Unavailable:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return Unavailable(
            f"the disk that holds {path} is full; nothing was changed",
            advice="Free some space and try again; there is no need to restart.",
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return Unavailable(
            f"{path} is damaged or not a database ({error})",
            advice="Keep a copy of the file, then restore your backup or give another path.",
        )
    if code == sqlite3.SQLITE_IOERR:
        return Unavailable(
            f"the disk that holds {path} refused to read or write ({error})",
            advice="Look at its free space, quota and health.",
        )
    return Unavailable(f"{path} cannot be used ({error})", advice="Look at the file's permissions and its disk.")
