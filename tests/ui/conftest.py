"""A demo, as most walks begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.ui.browser_case import Server, environment_of, serving


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Server]:
    """A demo whose first promotion has begun."""
    folder = tmp_path / "demo"
    with serving(folder / "server", environment_of(tmp_path), "demo", "--data", str(folder)) as server:
        next(line for line in server.output if "promotion of" in line)
        yield server
