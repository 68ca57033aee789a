"""What git hears from a web server and does not pass on: when a server that throttles wants to be asked again, and
whether it answered as a Git server does at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from argosy.clients.http import parse_retry_after
from argosy.clock import Clock

TRACE: Mapping[str, str] = MappingProxyType({"GIT_TRACE_CURL": "2", "GIT_TRACE_CURL_NO_DATA": "1"})
"""The environment in which git tells, among its complaints, what it hears; it leaves out logins and cookies."""

_LINE = re.compile(r"^\d\d:\d\d:\d\d\.\d+ http\.c:\d+ .*\n?", re.MULTILINE)
_RETRY_AFTER = re.compile(r"http\.c:\d+ +<= Recv header: retry-after: *(.*?)\s*$", re.IGNORECASE | re.MULTILINE)
_GIT_SERVER = re.compile(r"http\.c:\d+ +<= Recv header: content-type: *application/x-git-", re.IGNORECASE)
_THROTTLED = re.compile(r"returned error: (429|503)")


@dataclass(frozen=True, slots=True)
class Heard:
    """What git complained of, without the trace.

    Attributes:
        by_git: whether the server answered as Git servers do. Git takes anything else for a plain folder of files, and
            an answer that breaks off early for an empty one.
        throttled: whether the server throttles, `after` for how many seconds if it said.
    """

    complaint: str
    by_git: bool
    throttled: bool = False
    after: float | None = None


def hear(stderr: str, clock: Clock) -> Heard:
    """Take apart what git wrote."""
    complaint, by_git = _LINE.sub("", stderr), _GIT_SERVER.search(stderr) is not None
    if not _THROTTLED.search(complaint):
        return Heard(complaint, by_git)
    times = _RETRY_AFTER.findall(stderr)
    return Heard(complaint, by_git, throttled=True, after=parse_retry_after(times[-1], clock) if times else None)
