"""The same work done with the git program alone, as a script in a pipeline does it: the baseline."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

_ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    **{
        f"GIT_{role}_{name}": value
        for role in ("AUTHOR", "COMMITTER")
        for name, value in (("NAME", "A"), ("EMAIL", "a@b"))
    },
}


async def git(*args: str, cwd: Path) -> str:
    """What a git command prints. Raises AssertionError when it fails."""
    process = await asyncio.create_subprocess_exec(
        *("git", *args), cwd=cwd, env=_ENVIRONMENT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, (args, err)
    return out.decode()


async def promote(url: str, branch: str, file: str, value: str, *, into: Path, options: tuple[str, ...] = ()) -> float:
    """Clone `branch` to `into`, change the value of `tag:` in `file`, commit and push; returns the seconds it took."""
    start = time.perf_counter()
    await git("clone", "--quiet", *options, "--branch", branch, url, into.name, cwd=into.parent)
    path = into / file
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(f"  tag: {value}\n" if line.startswith("  tag:") else line for line in lines))
    await git("commit", "--quiet", "--all", "--message", value, cwd=into)
    await git("push", "--quiet", "origin", f"HEAD:{branch}", cwd=into)
    return time.perf_counter() - start
