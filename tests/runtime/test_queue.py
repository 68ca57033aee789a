"""The work queue: one worker a key, nothing forgotten, appointments kept."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from argosy.resources.meta import Key
from argosy.runtime.queue import BACKOFF_MOST, Queue
from argosy.testing.clock import FakeClock, settle

A, B = Key("Stage", "p", "a"), Key("Stage", "p", "b")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def queue(clock: FakeClock) -> AsyncIterator[Queue]:
    queue = Queue(clock)
    task = asyncio.create_task(queue.keep_appointments())
    yield queue
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_key_added_twice_is_worked_on_once(queue: Queue) -> None:
    queue.add(A)
    queue.add(A)
    queue.add(B)
    assert [await queue.get(), await queue.get()] == [A, B]
    queue.done(A)
    queue.done(B)
    assert queue.idle


async def test_a_key_added_while_it_is_worked_on_comes_again_and_not_at_the_same_time(queue: Queue) -> None:
    queue.add(A)
    await queue.get()
    queue.add(A)
    second = asyncio.create_task(queue.get())
    await settle()
    assert not second.done()
    queue.done(A)
    assert await second == A


async def test_an_appointment_is_kept_at_its_time(queue: Queue, clock: FakeClock) -> None:
    queue.add_after(A, 10)
    await clock.advance(9.9)
    assert queue.idle
    await clock.advance(0.2)
    assert await queue.get() == A


async def test_the_earlier_of_two_appointments_stands(queue: Queue, clock: FakeClock) -> None:
    queue.add_after(A, 10)
    queue.add_after(B, 60)
    queue.add_after(B, 5)
    await clock.advance(6)
    assert await queue.get() == B
    queue.done(B)
    await clock.advance(100)
    assert await queue.get() == A
    queue.done(A)
    assert queue.idle


async def test_looking_at_a_key_now_drops_its_appointment(queue: Queue, clock: FakeClock) -> None:
    queue.add_after(A, 10)
    queue.add(A)
    queue.done(await queue.get())
    await clock.advance(20)
    assert queue.idle


async def test_failures_in_a_row_wait_longer_and_a_success_starts_anew(queue: Queue) -> None:
    delays = [queue.add_failed(A) for _ in range(12)]
    assert delays == sorted(delays)
    assert delays[0] < 1
    assert delays[-1] == BACKOFF_MOST
    queue.succeeded(A)
    assert queue.add_failed(A) == delays[0]


async def test_a_failure_that_names_its_delay_gets_it(queue: Queue, clock: FakeClock) -> None:
    assert queue.add_failed(A, after=42) == 42
    await clock.advance(41)
    assert queue.idle
    await clock.advance(2)
    assert await queue.get() == A


async def test_a_closed_queue_hands_out_nothing_and_settles_when_its_work_is_done(queue: Queue) -> None:
    queue.add(A)
    queue.add(B)
    assert await queue.get() == A
    queue.close()
    waiting, settled = asyncio.create_task(queue.get()), asyncio.create_task(queue.settled())
    queue.add(A)
    await settle()
    assert not waiting.done()
    assert not settled.done()
    queue.done(A)
    await settle()
    assert settled.done()
    assert not waiting.done(), "what is worked on again would never settle"
    waiting.cancel()


async def test_how_much_there_is_to_do_is_told(queue: Queue) -> None:
    queue.add(A)
    queue.add(B)
    assert (queue.ready, queue.active) == (2, 0)
    await queue.get()
    assert (queue.ready, queue.active) == (1, 1)
