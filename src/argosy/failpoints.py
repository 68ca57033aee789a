"""Named places where a test may make this process die or fail; inert unless `ARGOSY_FAILPOINTS` is set.

The variable holds `name=action[@n]`, separated by commas: `store.commit.before=kill@3` kills the process by SIGKILL
when it reaches that place for the third time; `error` raises Unavailable, that time only. Without `@n` it is the first.
"""

from __future__ import annotations

import os
import signal
import threading
from functools import cache

from argosy.errors import Invalid, Unavailable

VARIABLE = "ARGOSY_FAILPOINTS"

ACTIONS = ("kill", "error")


class Failpoints:
    """Counts how often each armed place was reached, and acts at the chosen time. Safe to use from any thread."""

    def __init__(self, text: str) -> None:
        """Raises Invalid when `text` is not in the form above."""
        self._armed = dict(_parse(part.strip()) for part in text.split(",") if part.strip())
        self._reached: dict[str, int] = {}
        self._lock = threading.Lock()

    def reach(self, name: str) -> None:
        """Act if `name` is armed and this is its time. Raises Unavailable for the action `error`."""
        armed = self._armed.get(name)
        if armed is None:
            return
        action, time = armed
        with self._lock:
            self._reached[name] = self._reached.get(name, 0) + 1
            if self._reached[name] != time:
                return
        if action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        raise Unavailable(f"failpoint {name} was reached", advice=f"Unset {VARIABLE} to run without failpoints.")


def _parse(part: str) -> tuple[str, tuple[str, int]]:
    name, _, rest = part.partition("=")
    action, _, time = rest.partition("@")
    if not name or action not in ACTIONS or not (time or "1").isdecimal():
        raise Invalid(
            f"{VARIABLE} has {part!r}", advice="Write name=kill or name=error, with @n for the n-th time it is reached."
        )
    return name, (action, int(time or "1"))


@cache
def _from_environment() -> Failpoints | None:
    """Read once, when the first place is reached."""
    configured = os.environ.get(VARIABLE, "")
    return Failpoints(configured) if configured else None


def reach(name: str) -> None:
    """Mark a place by `name`, such as `store.commit.before`. Does nothing unless the environment armed it."""
    failpoints = _from_environment()
    if failpoints is not None:
        failpoints.reach(name)
