"""When the power fails, what was not synced is lost or torn; what was acknowledged is not."""

from __future__ import annotations

import random
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from tests.store.store_case import audit, database, keys, namespace, open_at, ship

from argosy.clock import SystemClock
from argosy.resources.meta import Key
from argosy.store.base import Query

PAGE = 4096
LOSSES = 60


@dataclass(frozen=True)
class Moment:
    """The state of the files when a write was acknowledged: the log was synced up to `size`."""

    size: int
    ports: dict[str, str]


def wal(folder: Path) -> Path:
    return database(folder).with_name("argosy.db-wal")


async def read(folder: Path) -> dict[str, str]:
    store = open_at(folder, SystemClock())
    page = await store.list(Query("Ship"))
    await store.create(ship("after"))
    await store.close()
    audit(database(folder))
    return {document.key.name: document.data["spec"]["port"] for document in page.documents}


def image(folder: Path, key_ring: Path, main: bytes, log: bytes) -> Path:
    """The files as a machine finds them when it starts again."""
    database(folder).parent.mkdir(parents=True)
    database(folder).write_bytes(main)
    wal(folder).write_bytes(log)
    keys(folder).parent.mkdir()
    keys(folder).touch(0o600)
    keys(folder).write_bytes(key_ring.read_bytes())
    return folder


async def test_unsynced_writes_may_go_and_tear_acknowledged_ones_stay(tmp_path: Path) -> None:
    sailing = tmp_path / "sailing"
    store = open_at(sailing, SystemClock())
    await store.create(namespace())
    moments = []
    ports: dict[str, str] = {}
    for number in range(40):
        name = f"s{number % 7}"
        if name in ports:
            await store.patch(Key("Ship", "p", name), {"spec": {"port": f"port{number}", "log": "x" * 2000}})
        else:
            await store.create(ship(name, f"port{number}"))
        ports[name] = f"port{number}"
        moments.append(Moment(wal(sailing).stat().st_size, dict(ports)))
    main, log = database(sailing).read_bytes(), wal(sailing).read_bytes()
    await store.close()
    assert len({moment.size for moment in moments}) == len(moments)
    for seed in range(LOSSES):
        chance = random.Random(seed)
        moment = chance.choice(moments)
        folder = image(tmp_path / str(seed), keys(sailing), main, tear(log, moment.size, chance))
        found = await read(folder)
        later = [after.ports for after in moments if after.size >= moment.size]
        assert found in later, f"seed {seed}"


def tear(log: bytes, synced: int, chance: random.Random) -> bytes:
    """The log with what was not synced lost from some byte on, or with sectors of it zeroed or filled with noise."""
    tail = bytearray(log[synced:])
    match chance.choice(["lost", "cut", "zeroed", "noise", "sectors"]):
        case "lost":
            tail = bytearray()
        case "cut":
            tail = tail[: chance.randrange(len(tail) + 1)]
        case "zeroed":
            tail = bytearray(len(tail))
        case "noise":
            tail = bytearray(chance.randbytes(len(tail)))
        case _:
            for start in range(0, len(tail), 512):
                if chance.random() < 0.3:
                    tail[start : start + 512] = bytes(len(tail[start : start + 512]))
    return log[:synced] + bytes(tail)


async def test_a_checkpoint_torn_in_the_middle_is_done_again(tmp_path: Path) -> None:
    sailing = tmp_path / "sailing"
    store = open_at(sailing, SystemClock())
    await store.create(namespace())
    for number in range(60):
        await store.create(ship(f"s{number}", f"port{number}"))
    before, log = database(sailing).read_bytes(), wal(sailing).read_bytes()
    with sqlite3.connect(database(sailing)) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    connection.close()
    after = database(sailing).read_bytes()
    await store.close()
    assert before != after
    for seed in range(20):
        chance = random.Random(seed)
        torn = bytearray(before.ljust(len(after), b"\0") if chance.random() < 0.5 else before)
        for start in range(0, len(torn), PAGE):
            if chance.random() < 0.5:
                torn[start : start + PAGE] = after[start : start + PAGE]
        folder = image(tmp_path / str(seed), keys(sailing), bytes(torn), log)
        assert await read(folder) == {f"s{number}": f"port{number}" for number in range(60)}
