"""How long the event loop stands still, or is held by its own work, while something goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def stall_of(work: Awaitable[T]) -> tuple[T, float]:
    """The result of some work, and the longest time in seconds for which meanwhile nothing else could move."""
    going = asyncio.ensure_future(work)
    longest = 0.0
    while not going.done():
        before = time.perf_counter()
        await asyncio.sleep(0.001)
        longest = max(longest, time.perf_counter() - before - 0.001)
    return await going, longest


async def longest_turn_of(work: Awaitable[T]) -> tuple[T, float]:
    """The result of some work, and the most seconds of processor that the loop's own thread spent in one turn.

    Unlike a clock this does not depend on how busy the machine is: what other threads and programs take is not counted.
    """
    going = asyncio.ensure_future(work)
    longest = 0.0
    while not going.done():
        before = time.thread_time()
        await asyncio.sleep(0.001)
        longest = max(longest, time.thread_time() - before)
    return await going, longest
