"""The screen: colours only where a person sees them, and no control characters from strangers."""

from __future__ import annotations

import os
import re
import sys
from typing import IO, Any

import click

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

_COLOURS = {
    "green": ("Succeeded", "Healthy", "True", "Active"),
    "red": ("Failed", "Errored", "Unhealthy", "False", "Warning"),
    "yellow": ("Running", "Progressing", "Pending", "Aborted", "Unknown"),
}
_OF_WORD = {word: colour for colour, words in _COLOURS.items() for word in words}


def is_terminal(stream: IO[Any] | None = None) -> bool:
    """Whether a person watches the stream (standard output when None)."""
    stream = stream or sys.stdout
    return bool(stream.isatty()) and os.environ.get("TERM") != "dumb"


def has_colours(stream: IO[Any] | None = None) -> bool:
    """Whether colours may be used: on a terminal, unless NO_COLOR is set (https://no-color.org)."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR")


def paint(text: str, colour: str, *, stream: IO[Any] | None = None) -> str:
    """The text in a colour, where colours may be used."""
    return click.style(text, fg=colour) if has_colours(stream) else text


def paint_word(text: str, *, padded: str = "", stream: IO[Any] | None = None) -> str:
    """A status word such as `Healthy` in its colour, others as they are; `padded` is written in its place."""
    colour = _OF_WORD.get(text)
    return paint(padded or text, colour, stream=stream) if colour else padded or text


def safe(text: str) -> str:
    """The text without what could move a terminal's cursor or recolour it."""
    return _CONTROL.sub(lambda found: "\ufffd" if found[0] != "\x1b" else "^[", text)
