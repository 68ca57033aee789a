"""What helm and kustomize have in common: they run confined, in a home of their own, and complain in clean words."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from argosy.clients import program
from argosy.clients.confinement import Confinement, environment
from argosy.clients.program import MIB
from argosy.errors import Permanent, Temporary

_MOST_TOLD = 2000
_MEMORY = re.compile(r"out of memory|cannot allocate memory|failed to (?:create new OS thread|reserve)", re.IGNORECASE)
_NETWORK = re.compile(
    r"connection re(?:fused|set)|timeout|timed out|deadline exceeded|no such host|temporary failure|unexpected EOF"
    r"|429 Too Many|50[0234] (?:Internal|Bad|Service|Gateway)|status code (?:429|50[0234])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """`seconds` of wall-clock time, `output` bytes written, `memory` bytes of address space."""

    seconds: float = 120.0
    output: int = 128 * MIB
    memory: int = 4096 * MIB


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a program wrote; `warnings` are the lines it had to say besides."""

    output: bytes
    warnings: tuple[str, ...] = ()


def turns() -> asyncio.Semaphore:
    """How many may run at once: one for each processor, as each takes a whole one and may take much memory."""
    return asyncio.Semaphore(os.cpu_count() or 1)


def which(name: str) -> Path | None:
    """The file of a program: `name` is on the PATH, or a path. None when there is none."""
    found = shutil.which(name)
    return Path(os.path.abspath(found)) if found is not None else None


def names(within: Path, home: Path) -> dict[str, str]:
    """What complaints call paths: those of the tree `within` are relative, others are not told."""
    return {f"{within}/": "", str(within): ".", f"{home}/": "", str(home): ".", str(within.parent): ".."}


@contextlib.contextmanager
def home() -> Iterator[Path]:
    """An empty folder of its own for one run, deleted after."""
    with tempfile.TemporaryDirectory(prefix="argosy-", ignore_cleanup_errors=True) as folder:
        yield Path(folder).resolve()


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a program.

    Attributes:
        name: what messages call it.
        home: its home, see `home`.
        directory: where it runs.
        names: what is to be written instead of paths and secrets in its complaints.
        more: environment besides the usual.
        turns: how many may run at once; waiting for one's turn takes none of its time.
        clue: what tells in its output why it failed, by all its groups, better than its complaint.
    """

    name: str
    home: Path
    directory: Path
    names: Mapping[str, str]
    more: Mapping[str, str]
    turns: asyncio.Semaphore
    clue: re.Pattern[str] | None = None

    async def __call__(self, argv: Iterable[str], confinement: Confinement, bounds: Bounds) -> Rendered:
        """Raises Temporary: too slow, or a server is out of reach; Permanent: it failed, or takes too much."""
        memory = {"GOMEMLIMIT": str(bounds.memory * 3 // 4), "GOTRACEBACK": "none"}
        variables = environment(self.home, **memory, **self.more)
        call = program.Call(confinement.argv(*argv), variables, self.directory, name=self.name)
        async with self.turns:
            done = await program.run(call, program.Limits(bounds.seconds, bounds.output))
        told = self._clean(done.stderr.decode(errors="replace"))
        if done.code == 0:
            return Rendered(done.stdout, tuple(line for line in told.splitlines() if line.strip()))
        if _MEMORY.search(told) or done.code < 0:
            raise Permanent(
                f"{self.name} was ended: it takes more than {bounds.memory // MIB} MiB of memory",
                advice="Make what is rendered smaller, or render it in several steps.",
            )
        found = self.clue.search(done.stdout.decode(errors="replace")) if self.clue is not None else None
        told = _essence(told) if found is None else self._clean(": ".join(found.groups())).strip()
        if confinement.ports and _NETWORK.search(told):
            raise Temporary(f"{self.name} failed: {told}")
        raise Permanent(f"{self.name} failed: {told}")

    def _clean(self, text: str) -> str:
        for found, instead in self.names.items():
            if found:
                text = text.replace(found, instead)
        return text


def _essence(text: str) -> str:
    """The complaint without what was said before it, in at most some lines."""
    at = max(text.rfind("Error: "), text.rfind("error: "))
    told = text[at + len("Error: ") :] if at >= 0 else text
    told = told.strip().rstrip(".") or "it does not say why"
    return told if len(told) <= _MOST_TOLD else f"{told[:_MOST_TOLD]} ..."
