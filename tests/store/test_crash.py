"""Killed at any moment, the store loses nothing it acknowledged and leaves nothing half done."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.store.store_case import audit, database, open_at

from argosy.clock import SystemClock
from argosy.store.base import Query
from argosy.store.sql import SqlStore

POINTS = {"store.write": 60, "store.commit.before": 12, "store.commit.after": 12, "store.sweep": 4}
"""Where to kill, and how often it may be reached before."""

KILLS = 100

States = dict[tuple[str, str], list[Any]]
Found = dict[tuple[str, str], str]


class Harbour:
    """The process that starts the writers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        root = Path(__file__).parents[2]
        command = [sys.executable, "-m", "tests.store.crashing"]
        self.process = subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def kill_one(self, failpoints: str, seed: int, seconds: float = 5) -> int:
        """Let writers write until the failpoint or the time kills them. Returns the signal that ended them."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        order = {"folder": str(self.folder), "failpoints": failpoints, "seed": seed, "seconds": seconds}
        print(json.dumps(order), file=self.process.stdin, flush=True)
        return int(self.process.stdout.readline())

    def close(self) -> None:
        self.process.communicate(timeout=30)


@pytest.fixture
def harbour(tmp_path: Path) -> Iterator[Harbour]:
    harbour = Harbour(tmp_path)
    yield harbour
    harbour.close()


def read_journal(folder: Path) -> States:
    """Which values each document may have: the last acknowledged one, and what was intended after it.

    The journal begins anew then: nobody writes these documents again.
    """
    states: States = {}
    journal = folder / "journal"
    for line in journal.read_text().splitlines() if journal.exists() else ():
        what, kind, name, value, *_ = json.loads(line)
        if what == "done":
            states[kind, name] = [value]
        else:
            states.setdefault((kind, name), [None]).append(value)
    journal.unlink(missing_ok=True)
    return states


async def read_store(store: SqlStore) -> Found:
    ships = (await store.list(Query("Ship"))).documents
    secrets = (await store.list(Query("Secret"))).documents
    found = {("Ship", document.key.name): document.data["spec"]["port"] for document in ships}
    return found | {("Secret", document.key.name): document.data["data"]["v"] for document in secrets}


async def check(folder: Path, known: Mapping[tuple[str, str], str], *, whole: bool = True) -> Found:
    """Compare the store with the journal, and the rest with what was `known` before. Returns what there is."""
    store = open_at(folder, SystemClock(), log_length=200)
    states = read_journal(folder)
    async with asyncio.timeout(10):
        while await _orphans(store):  # noqa: ASYNC110 - what follows from a deletion is taken up at the start
            await asyncio.sleep(0.002)
    found = await read_store(store)
    await store.close()
    if whole:
        audit(database(folder))
    for key, allowed in states.items():
        parent = ("Ship", key[1].partition("-boat")[0])
        sunk = "-boat" in key[1] and parent not in found
        assert found.get(key) in ([None, *allowed] if sunk else allowed), key
    assert {key: value for key, value in found.items() if key not in states} == known
    return found


async def _orphans(store: SqlStore) -> list[str]:
    names = {document.key.name for document in (await store.list(Query("Ship"))).documents}
    return [name for name in names if "-boat" in name and name.partition("-boat")[0] not in names]


async def test_a_hundred_kills_under_load_lose_nothing(harbour: Harbour) -> None:
    ended = []
    found: Found = {}
    for seed in range(KILLS):
        chance = random.Random(seed)
        point = chance.choice(list(POINTS))
        ended.append(harbour.kill_one(f"{point}=kill@{chance.randint(1, POINTS[point])}", seed))
        found = await check(harbour.folder, found, whole=seed % 10 == 9)
    assert ended == [signal.SIGKILL] * KILLS
    assert len(found) > KILLS


@pytest.mark.parametrize("point", ["store.migrate", "store.keys"])
async def test_killed_while_it_is_made_it_is_made_the_next_time(harbour: Harbour, point: str) -> None:
    assert harbour.kill_one(f"{point}=kill", 1) == signal.SIGKILL
    assert harbour.kill_one("store.commit.after=kill@20", 2) == signal.SIGKILL
    assert await check(harbour.folder, {})


async def test_killed_while_the_key_is_rotated_every_secret_can_be_read(harbour: Harbour) -> None:
    assert harbour.kill_one("store.commit.after=kill@60", 1) == signal.SIGKILL
    store = open_at(harbour.folder, SystemClock(), log_length=200)
    before = await read_store(store)
    await store.rotate()
    assert await read_store(store) == before
    await store.close()
