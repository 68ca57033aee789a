"""What the store refuses to open, and that it says why and what to do."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from tests.store.store_case import KINDS, audit, database, keys, namespace, open_at, ship

from argosy.clock import SystemClock
from argosy.errors import Gone, Invalid, Unavailable
from argosy.resources.kind import Kind
from argosy.resources.meta import Key
from argosy.store.base import Order, Query
from argosy.store.database import Database
from argosy.store.sql import open_store
from argosy.store.tables import metadata
from argosy.testing.clock import FakeClock

ROOT = Path(__file__).parents[2]

FIRST_SCHEMA = """
DROP INDEX resource_moment;
DROP INDEX term_moment;
ALTER TABLE resource DROP COLUMN moment;
ALTER TABLE term DROP COLUMN moment;
DELETE FROM term WHERE value = '';
UPDATE ledger SET indexes = '{"Ship": [["spec.port", ["spec", "port"]]]}';
UPDATE alembic_version SET version_num = '0001';
"""

SECOND = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from argosy.clock import SystemClock
from argosy.errors import Unavailable
from tests.store.store_case import open_at
try:
    open_at(Path(sys.argv[1]), SystemClock())
except Unavailable as error:
    print(error)
"""


def run(script: str, *arguments: object) -> str:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


async def test_a_second_process_is_refused_and_told_of_the_first(tmp_path: Path) -> None:
    store = open_at(tmp_path, SystemClock())
    document = await store.create(namespace())
    said = run(SECOND, tmp_path)
    assert f"is in use by the process {os.getpid()}." in said
    assert "Stop that process" in said
    assert (await store.get(document.key)).raw == document.raw
    await store.close()
    assert run(SECOND, tmp_path) == ""


async def test_the_lock_holds_whatever_the_path_is_called(tmp_path: Path) -> None:
    store = open_at(tmp_path, SystemClock())
    (tmp_path / "link").symlink_to(database(tmp_path))
    with pytest.raises(Unavailable, match="in use by the process"):
        open_store(f"sqlite:///{tmp_path}/link", KINDS, clock=SystemClock(), key_file=keys(tmp_path))
    await store.close()


async def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    await open_at(tmp_path, SystemClock()).close()
    with sqlite3.connect(database(tmp_path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = database(tmp_path).read_bytes()
    with pytest.raises(Unavailable, match="newer version of Argosy") as caught:
        open_at(tmp_path, SystemClock())
    assert "Start the newer version again" in caught.value.advice
    assert database(tmp_path).read_bytes() == before


async def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    database(tmp_path).parent.mkdir()
    with sqlite3.connect(database(tmp_path)) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()
    with pytest.raises(Unavailable, match="database of another program"):
        open_at(tmp_path, SystemClock())
    with sqlite3.connect(database(tmp_path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("songs",)]
    connection.close()


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    database(tmp_path).parent.mkdir()
    database(tmp_path).write_bytes(b"kind: Stage\n" * 1000)
    with pytest.raises(Unavailable, match="damaged or not a database"):
        open_at(tmp_path, SystemClock())


async def test_a_damaged_database_is_told_of(tmp_path: Path) -> None:
    store = open_at(tmp_path, SystemClock())
    await store.create(namespace())
    for number in range(50):
        await store.create(ship(f"s{number}") | {"spec": {"log": "x" * 4000}})
    await store.close()
    content = bytearray(database(tmp_path).read_bytes())
    content[4096 : len(content)] = os.urandom(len(content) - 4096)
    database(tmp_path).write_bytes(content)
    with pytest.raises(Unavailable, match="damaged or not a database"):
        await open_at(tmp_path, SystemClock()).list(Query("Ship"))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://host/db", "cannot be used yet"),
        ("mysql://host", "not the beginning of a store's URL"),
        ("sqlite://", "not the beginning of a store's URL"),
        ("sqlite:///folder/", "not the beginning of a store's URL"),
    ],
)
def test_other_urls_are_refused(url: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=re.escape(said)):
        open_store(url, KINDS, clock=SystemClock(), key_file=tmp_path / "key")


def test_a_path_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot be used"):
        open_store(f"sqlite:///{tmp_path}/file/a.db", KINDS, clock=SystemClock(), key_file=tmp_path / "k" / "key")


async def test_the_files_are_their_owners_alone(tmp_path: Path) -> None:
    store = open_at(tmp_path, SystemClock())
    await store.create(namespace())
    assert database(tmp_path).parent.stat().st_mode & 0o077 == 0
    assert [path.name for path in database(tmp_path).parent.iterdir() if path.stat().st_mode & 0o077] == []
    await store.close()


async def test_every_connection_waits_for_the_disk(tmp_path: Path) -> None:
    opened = Database(database(tmp_path))
    for _ in range(2):
        with opened.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    opened.close()


def test_the_migrations_make_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    opened = Database(database(tmp_path))
    with opened.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    opened.close()


async def test_a_kind_that_gets_an_index_is_selected_by_it_after_the_next_start(tmp_path: Path) -> None:
    store = open_at(tmp_path, FakeClock())
    await store.create(namespace())
    await store.create(ship("a") | {"spec": {"port": "kiel", "flag": "se"}})
    await store.create(ship("b") | {"spec": {"port": "kiel", "flag": "no"}})
    await store.close()
    old = KINDS["Ship"]
    ship_kind = Kind("Ship", old.group, old.version, old.plural, old.model, indexes={"spec.flag": ("spec", "flag")})
    kinds = {**KINDS, "Ship": ship_kind}
    url = f"sqlite:///{database(tmp_path)}"
    store = open_store(url, kinds, clock=FakeClock(), key_file=keys(tmp_path))
    page = await store.list(Query("Ship", fields={"spec.flag": "no"}))
    assert [document.key.name for document in page.documents] == ["b"]
    await store.delete(Key("Ship", "p", "b"))
    assert (await store.list(Query("Ship", fields={"spec.flag": "no"}))).documents == []
    await store.close()


async def test_a_database_of_the_first_schema_is_listed_by_age_and_by_what_is_absent(tmp_path: Path) -> None:
    store = open_at(tmp_path, FakeClock())
    await store.create(namespace())
    first = await store.create(ship("b") | {"spec": {}})
    store_clock = FakeClock(datetime(2027, 1, 1, tzinfo=UTC))
    await store.close()
    store = open_at(tmp_path, store_clock)
    await store.create(ship("a") | {"spec": {"port": "kiel"}})
    await store.close()
    with contextlib.closing(sqlite3.connect(database(tmp_path))) as connection:
        connection.executescript(FIRST_SCHEMA)
    store = open_at(tmp_path, store_clock)
    page = await store.list(Query("Ship", "p", order=Order.NEWEST))
    assert [document.key.name for document in page.documents] == ["a", "b"]
    page = await store.list(Query("Ship", "p", fields={"spec.port": ""}, order=Order.OLDEST))
    assert [document.key.name for document in page.documents] == ["b"]
    watch = store.watch(Query("Ship"), since=first.version)
    with pytest.raises(Gone):
        await anext(watch)
    await store.close()


def grow_until_full(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA max_page_count = 40")
    for number in range(1000):
        connection.exec_driver_sql("INSERT INTO sweep (task, subject) VALUES (?, ?)", (str(number), "x" * 4000))


def test_a_full_disk_is_named_with_advice(tmp_path: Path) -> None:
    opened = Database(database(tmp_path))
    with opened.connect() as connection, pytest.raises(Unavailable, match="is full") as caught, opened.explained():
        grow_until_full(connection)
    assert "Free some space" in caught.value.advice
    opened.close()


FULL = """
import asyncio, resource, sys
from datetime import UTC, datetime
from pathlib import Path
from argosy.clock import SystemClock
from argosy.errors import Unavailable
from argosy.resources.meta import Key
from tests.store.store_case import database, namespace, open_at, ship

async def fill(store, prefix):
    written = []
    async def one(number):
        try:
            await store.create(ship(f"{prefix}{number}") | {"spec": {"log": "x" * 3000}})
            written.append(f"{prefix}{number}")
        except Unavailable as error:
            assert "disk" in str(error), error
            return True
        return False
    failed = False
    for start in range(0, 200, 10):
        failed |= any(await asyncio.gather(*(one(number) for number in range(start, start + 10))))
    return written, failed

async def main(folder):
    store = open_at(folder, SystemClock())
    await store.create(namespace())
    wal = database(folder).with_name("argosy.db-wal").stat().st_size
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (wal + 150_000, hard))
    before, failed = await fill(store, "before")
    assert failed and before
    for name in before:
        await store.get(Key("Ship", "p", name))
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    after, failed = await fill(store, "after")
    assert not failed and len(after) == 200
    await store.close()
    print("\\n".join(before + after))

asyncio.run(main(Path(sys.argv[1])))
"""


async def test_when_the_disk_has_room_again_writing_goes_on_and_nothing_was_lost(tmp_path: Path) -> None:
    acknowledged = set(run(FULL, tmp_path).split())
    store = open_at(tmp_path, SystemClock())
    assert {document.key.name for document in (await store.list(Query("Ship"))).documents} == acknowledged
    await store.close()
    audit(database(tmp_path))
