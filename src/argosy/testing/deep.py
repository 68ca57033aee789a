"""Folders deeper than the stack, which archives may hold and which surprise whoever walks trees by calling itself."""

from __future__ import annotations

import os
from pathlib import Path


def make_deep(folder: Path, levels: int = 3000) -> None:
    """Make folders named `a` in each other below `folder`, each with a file beside it; no path to them is used."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("a", dir_fd=here)
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here))
        below = os.open("a", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
