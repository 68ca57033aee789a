"""Web browsers are not everywhere that commands are: over SSH and in containers an address is all there can be."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

import click

_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")


def launch(url: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Open a page in the browser of whoever is here; whether there is one.

    On Linux without a screen nothing is tried: what opens pages there would search for browsers of a terminal, and
    complain of each that is missing.
    """
    if sys.platform == "linux" and not any(environ.get(name) for name in _SCREENS):
        return False
    return click.launch(url) == 0
