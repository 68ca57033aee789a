"""Values that are set for a chart by name, and which of them can be told in a file instead of to a program.

What a program is told as arguments, other users of the machine can see; files of values only helm itself can read.
Follows helm's `pkg/strvals`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from argosy.resources.meta import Json

_PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*", re.ASCII)
_TYPED = re.compile(r"true|false|null|0|[+-]?\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Assignment:
    """A value set inline: its type is guessed as by `--set`, or it is a text as by `--set-literal`."""

    key: str
    value: str
    literal: bool = False

    @property
    def is_plain_text(self) -> bool:
        """Whether it sets a text by names alone, without indices, lists and escapes."""
        if not _PLAIN_KEY.fullmatch(self.key):
            return False
        special = self.value.startswith("{") or any(each in self.value for each in ",\\")
        return self.literal or not (special or _TYPED.fullmatch(self.value))


def divided(assignments: Sequence[Assignment]) -> tuple[dict[str, Json], list[Assignment]]:
    """What a file of values can say, to be read after all others, and what must still be set after it.

    Numbers stay what is set: read from a file, helm takes them for floats. Where one key is within another the order
    counts, and nothing is moved.
    """
    keys = [each.key for each in assignments]
    if any(
        a == b or b.startswith((f"{a}.", f"{a}[")) for i, a in enumerate(keys) for j, b in enumerate(keys) if i != j
    ):
        return {}, list(assignments)
    values: dict[str, Json] = {}
    for each in assignments:
        if each.is_plain_text:
            *parents, last = each.key.split(".")
            place = values
            for name in parents:
                place = place.setdefault(name, {})
            place[last] = each.value
    return values, [each for each in assignments if not each.is_plain_text]
