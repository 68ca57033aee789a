"""A process that starts others which write to a store until they are killed.

It loads everything once, then forks for each line of JSON on its input: `folder`, `failpoints`, `seed`.
What a forked process intends and what was acknowledged goes to `folder/journal`; the wait status comes back on output.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import threading
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import sqlalchemy.dialects.sqlite  # noqa: F401 - loaded once for all
from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: F401 - the same
from tests.store.store_case import namespace, open_at, secret, ship

from argosy.clock import SystemClock
from argosy.errors import AlreadyExists
from argosy.resources.meta import Document, Key

WRITERS = 8


class Sailor:
    """One of the writers: it alone writes the ships whose names begin with its own."""

    def __init__(self, store: Any, name: str, seed: int, journal: int) -> None:
        self.store = store
        self.name = name
        self.random = random.Random(f"{seed} {name}")
        self.journal = journal
        self.mine: list[str] = []
        self.count = 0

    async def sail(self) -> None:
        while True:
            await self.random.choice([self.build, self.build, self.move, self.move, self.move, self.sink, self.hide])()

    async def tell(self, kind: str, name: str, value: str | None, write: Awaitable[Document]) -> Document:
        self.write(["intent", kind, name, value])
        document = await write
        self.write(["done", kind, name, value, document.version])
        return document

    def write(self, line: list[Any]) -> None:
        os.write(self.journal, json.dumps(line).encode() + b"\n")

    async def build(self) -> None:
        self.count += 1
        name = f"{self.name}-{self.count}"
        document = await self.tell("Ship", name, "kiel", self.store.create(ship(name)))
        self.mine.append(name)
        owner = {"apiVersion": "example.org/v1", "kind": "Ship", "name": name, "uid": document.uid}
        for boat in (f"{name}-boat1", f"{name}-boat2"):
            await self.tell("Ship", boat, "kiel", self.store.create(ship(boat, ownerReferences=[owner])))

    async def move(self) -> None:
        if self.mine:
            name = self.random.choice(self.mine)
            self.count += 1
            port = f"port{self.count}"
            write = self.store.patch(Key("Ship", "p", name), {"spec": {"port": port, "log": "x" * 3000}})
            await self.tell("Ship", name, port, write)

    async def sink(self) -> None:
        if self.mine:
            name = self.mine.pop(self.random.randrange(len(self.mine)))
            await self.tell("Ship", name, None, self.store.delete(Key("Ship", "p", name)))

    async def hide(self) -> None:
        self.count += 1
        name = f"{self.name}-{self.count}"
        await self.tell("Secret", name, f"v{self.count}", self.store.create(secret(name, f"v{self.count}")))


async def voyage(folder: Path, seed: int) -> None:
    journal = os.open(folder / "journal", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    store = open_at(folder, SystemClock(), log_length=200)
    with contextlib.suppress(AlreadyExists):
        await store.create(namespace())
    sailors = [Sailor(store, f"s{seed}-{number}", seed, journal) for number in range(WRITERS)]
    await asyncio.gather(*(sailor.sail() for sailor in sailors))


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            os.environ["ARGOSY_FAILPOINTS"] = order["failpoints"]
            # However rarely the failpoint is reached, the process ends by a kill.
            timer = threading.Timer(order["seconds"], os.kill, (os.getpid(), signal.SIGKILL))
            timer.daemon = True
            timer.start()
            asyncio.run(voyage(Path(order["folder"]), order["seed"]))
            os._exit(1)
        _, status = os.waitpid(child, 0)
        print(status, flush=True)


if __name__ == "__main__":
    main()
