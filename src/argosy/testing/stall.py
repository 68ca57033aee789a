"""How long the event loop stands still, or is held by its own work, while something goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


_PAUSE = 0.001


async def stall_of(work: Awaitable[T]) -> tuple[T, float]:
    """The result of some work, and the longest time in seconds for which meanwhile nothing else could move."""
    result, longest = await _longest(work, time.perf_counter)
    return result, max(0.0, longest - _PAUSE)


async def longest_turn_of(work: Awaitable[T]) -> tuple[T, float]:
    """The result of some work, and the most seconds of processor that the loop's own thread spent in one turn.

    Unlike a clock this does not depend on how busy the machine is: what other threads and programs take is not counted.
    """
    return await _longest(work, time.thread_time)


async def _longest(work: Awaitable[T], clock: Callable[[], float]) -> tuple[T, float]:
    going = asyncio.ensure_future(work)
    longest = 0.0
    while not going.done():
        before = clock()
        await asyncio.sleep(_PAUSE)
        longest = max(longest, clock() - before)
    return await going, longest
