"""Programs: the one way to run another program. Never a shell; bounded in time and output; nothing left behind."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from argosy.errors import Permanent, Temporary

MIB = 1024 * 1024
_KEPT_STDERR = 64 * 1024
_PASSING = frozenset({errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ETXTBSY})


@dataclass(frozen=True, slots=True)
class Limits:
    """`seconds` of wall-clock time, `output` bytes of standard output, seconds of `grace` to end when asked to.

    With `cut` a program that writes more is ended, and what it wrote so far is its answer, instead of an error.
    """

    seconds: float = 120.0
    output: int = 256 * MIB
    grace: float = 2.0
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended. `stderr` holds its last 64 KiB at most."""

    code: int
    stdout: bytes
    stderr: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """What to run. `environment` is the whole environment: nothing is inherited. Messages call it `name`."""

    argv: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    directory: Path
    stdin: bytes = b""
    name: str = ""

    @property
    def called(self) -> str:
        return self.name or self.argv[0]


async def run(call: Call, limits: Limits) -> Finished:
    """Run a program in a process group of its own and wait for it.

    When time is up, the output is too long or the caller is cancelled, the whole group is asked to end (so that locks
    are removed) and killed a little later.

    Raises:
        Temporary: it did not end in time, or the machine has no room for it now.
        Permanent: it is not installed, cannot be given what it was to be, or wrote more than allowed.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *call.argv,
            stdin=asyncio.subprocess.PIPE if call.stdin else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=dict(call.environment),
            cwd=call.directory,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        missing = call.argv[0] if call.directory.is_dir() else str(call.directory)
        raise Permanent(
            f"{missing} was not found", advice=f"Install {call.argv[0]} and see that PATH names it"
        ) from error
    except ValueError:
        raise Permanent(
            f"{call.called} was not run: a NUL character stands in what it was to be given",
            advice="Look for one in the names of the configuration, such as that of an author",
        ) from None
    except OSError as error:
        kind = Temporary if error.errno in _PASSING else Permanent
        raise kind(f"{call.called} could not be started: {os.strerror(error.errno or 0)}") from error
    reading = asyncio.create_task(_read(process, limits, call.called))
    complaints = asyncio.create_task(_tail(process))
    feeding = asyncio.create_task(_feed(process, call.stdin))
    try:
        async with asyncio.timeout(limits.seconds):
            output = await reading
            if len(output) <= limits.output:
                await asyncio.gather(complaints, feeding)
                return Finished(await process.wait(), output, complaints.result())
        await _give_up(process, (complaints, feeding), limits.grace)
        return Finished(0, output[: limits.output], b"")
    except BaseException as error:
        await _give_up(process, (reading, complaints, feeding), limits.grace)
        if isinstance(error, TimeoutError):
            raise Temporary(f"{call.called} did not finish within {limits.seconds:g} seconds") from error
        raise


async def _give_up(process: asyncio.subprocess.Process, tasks: Sequence[asyncio.Task[Any]], grace: float) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.shield(_end(process, grace))


async def _feed(process: asyncio.subprocess.Process, stdin: bytes) -> None:
    if process.stdin is None:
        return
    # A program that ends without reading its input tells why by its exit code.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(stdin)
        await process.stdin.drain()
    process.stdin.close()


async def _read(process: asyncio.subprocess.Process, limits: Limits, name: str) -> bytes:
    """More than the limit only where it is to be cut."""
    assert process.stdout is not None  # noqa: S101 - it was asked for above
    chunks, size = [], 0
    while chunk := await process.stdout.read(MIB):
        chunks.append(chunk)
        size += len(chunk)
        if size > limits.output and limits.cut:
            break
        if size > limits.output:
            raise Permanent(f"{name} wrote more than {limits.output} bytes")
    return b"".join(chunks)


async def _tail(process: asyncio.subprocess.Process) -> bytes:
    assert process.stderr is not None  # noqa: S101 - it was asked for above
    kept = b""
    while chunk := await process.stderr.read(_KEPT_STDERR):
        kept = (kept + chunk)[-_KEPT_STDERR:]
    return kept


async def _end(process: asyncio.subprocess.Process, grace: float) -> None:
    for kind in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, kind)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await asyncio.gather(process.wait(), *map(_drain, (process.stdout, process.stderr)))
            # The leader has gone and nobody holds its pipes any more; whoever is left of the group goes too.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            return


async def _drain(stream: asyncio.StreamReader | None) -> None:
    while stream is not None and await stream.read(MIB):
        pass
