"""Failpoints act at their time and are inert otherwise."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from argosy.errors import Invalid, Unavailable
from argosy.failpoints import Failpoints, reach


def test_nothing_happens_unless_the_environment_says_so() -> None:
    reach("store.commit.before")


def test_an_error_comes_at_its_time_and_only_then() -> None:
    failpoints = Failpoints("a=error@3, b=error")
    for _ in range(2):
        failpoints.reach("a")
    with pytest.raises(Unavailable, match="failpoint a"):
        failpoints.reach("a")
    failpoints.reach("a")
    with pytest.raises(Unavailable, match="failpoint b"):
        failpoints.reach("b")
    failpoints.reach("c")


def test_a_kill_is_the_end() -> None:
    script = "from argosy.failpoints import reach\nfor n in range(3): print(n, flush=True); reach('a')"
    environment = {**os.environ, "ARGOSY_FAILPOINTS": "a=kill@2"}
    result = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=30, check=False
    )
    assert result.returncode == -signal.SIGKILL
    assert result.stdout == "0\n1\n"


@pytest.mark.parametrize("text", ["a", "a=", "=kill", "a=fly", "a=kill@x", "a=kill@-1"])
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="ARGOSY_FAILPOINTS"):
        Failpoints(text)
