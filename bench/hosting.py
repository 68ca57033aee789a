"""A Git server in a process of its own, so that its work is not counted as ours: `python -m bench.hosting FOLDER`."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from argosy.testing.git_server import GitServer


async def _serve(root: Path) -> None:
    """Print the URL, then serve until standard input ends."""
    async with GitServer(root).serve() as server:
        print(server.url, flush=True)
        await asyncio.to_thread(sys.stdin.read)


@contextlib.asynccontextmanager
async def hosting(root: Path) -> AsyncIterator[str]:
    """The URL below which every repository of `root` is served by smart HTTP while the block runs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.hosting", str(root)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.stdin.close()
        await process.wait()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
