"""Regular expressions of RE2, and what they cost: compiled patterns can be far larger than they are written."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

from argosy.expressions.bounds import CHARACTERS_PER_UNIT, Meter
from argosy.expressions.errors import Fault
from argosy.expressions.kinds import utf8

LARGEST = 20_000
"""Instructions of all patterns together that are written in one expression."""

_MEMORY = 1 << 20  # bytes one compiled pattern may take
_COMPILED_PER_UNIT = 4  # instructions compiled for a unit of work
_SMALL = 16  # instructions of a pattern that is matched as fast as a text is read


def searched(pattern: str, subject: str | bytes, meter: Meter) -> Any:
    """The first match in a text, or None. Pays for the pattern once, and for reading the text with all of it.

    Raises Fault.
    """
    expression = compiled(pattern)
    if pattern not in meter.patterns:
        meter.patterns.add(pattern)
        meter.spend(expression.programsize // _COMPILED_PER_UNIT)
    # RE2 takes time in proportion to the text, and at worst to the size of the pattern, too.
    meter.spend(len(subject) * max(expression.programsize, _SMALL) // (_SMALL * CHARACTERS_PER_UNIT))
    return expression.search(utf8(subject) if isinstance(subject, str) else subject)


@lru_cache(maxsize=64)
def compiled(pattern: str) -> Any:
    """A regular expression. Raises Fault."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        return re2.compile(utf8(pattern), options)
    except re2.error as error:
        # RE2's reason ends in the part of the pattern at fault, which may be a Secret's.
        reason = str(error.args[0], "utf-8", "replace").partition(":")[0]
        raise Fault(f"the pattern is not a regular expression: {reason}", "The syntax is RE2's.") from None
