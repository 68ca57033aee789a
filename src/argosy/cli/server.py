"""What the commands that run a server share: its process, from the first signal to the last."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from argosy.app.serve import Ready
    from argosy.app.system import System
    from argosy.settings import Settings

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def run(settings: Settings, on_ready: Callable[[Ready, System], Awaitable[None] | None]) -> None:
    """Serve until a signal, gently; a second signal ends the process at once. Raises as `app.serve.serve`."""
    asyncio.run(_run(settings, on_ready))


async def _run(settings: Settings, on_ready: Callable[[Ready, System], Awaitable[None] | None]) -> None:
    from argosy.app.serve import serve
    from argosy.clock import SystemClock

    # What the imports made stays for good: looked through again and again, it would stall the event loop each time.
    gc.collect()
    gc.freeze()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def end(number: signal.Signals) -> None:
        if stop.is_set():
            os._exit(128 + number)  # nothing is lost by it: every promotion goes on from its journal
        stop.set()

    for number in SIGNALS:
        loop.add_signal_handler(number, end, number)
    await serve(settings, SystemClock(), on_ready, stop)


def tell_ready(url: str) -> None:
    """The one line on standard output."""
    click.echo(f"argosy is ready at {url}")
    sys.stdout.flush()
