"""Many questions at once, one piece of work."""

from __future__ import annotations

import asyncio

import pytest

from argosy.sources.coalescence import Coalescence
from argosy.testing.clock import settle


class Work:
    """Counts its runs and ends each when told to."""

    def __init__(self) -> None:
        self.runs = 0
        self.gate = asyncio.Semaphore(0)

    async def __call__(self, key: str) -> int:
        self.runs += 1
        number = self.runs
        await self.gate.acquire()
        if key == "bad":
            raise ValueError("bad")
        return number


async def test_all_who_ask_at_once_share_one_run() -> None:
    work = Work()
    work.gate = asyncio.Semaphore(9)
    shared = Coalescence(work)
    assert await asyncio.gather(*(shared.get("x") for _ in range(50))) == [1] * 50


async def test_who_asks_during_a_run_gets_the_next_one_with_all_other_latecomers() -> None:
    work = Work()
    shared = Coalescence(work)
    first = asyncio.create_task(shared.get("x"))
    await settle()
    late = [asyncio.create_task(shared.get("x")) for _ in range(3)]
    await settle()
    assert work.runs == 1
    work.gate.release()
    work.gate.release()
    assert (await first, await asyncio.gather(*late)) == (1, [2, 2, 2])


async def test_keys_do_not_wait_for_each_other() -> None:
    work = Work()
    shared = Coalescence(work)
    tasks = [asyncio.create_task(shared.get(key)) for key in "xy"]
    await settle()
    assert work.runs == 2
    work.gate.release()
    work.gate.release()
    await asyncio.gather(*tasks)


async def test_an_error_reaches_all_and_is_not_kept() -> None:
    work = Work()
    work.gate = asyncio.Semaphore(9)
    shared = Coalescence(work)
    results = await asyncio.gather(shared.get("bad"), shared.get("bad"), return_exceptions=True)
    assert [str(error) for error in results] == ["bad", "bad"]
    with pytest.raises(ValueError, match="bad"):
        await shared.get("bad")
    assert work.runs == 2


async def test_who_gives_up_does_not_stop_the_others() -> None:
    work = Work()
    shared = Coalescence(work)
    impatient, patient = (asyncio.create_task(shared.get("x")) for _ in range(2))
    await settle()
    impatient.cancel()
    await settle()
    work.gate.release()
    assert await patient == 1


async def test_a_run_that_nobody_waits_for_ends_quietly() -> None:
    work = Work()
    shared = Coalescence(work)
    alone = asyncio.create_task(shared.get("bad"))
    await settle()
    alone.cancel()
    await settle()
    work.gate.release()
    await settle()
    work.gate.release()
    assert await shared.get("x") == 2
