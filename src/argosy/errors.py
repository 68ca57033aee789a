"""Every error Argosy raises on purpose, drawn as a tree; each carries a reason and advice.

ArgosyError
├── Invalid          the input is wrong; `problems` names every fault at once
├── NotFound         what was asked for is not there
├── AlreadyExists    a resource of that name is there already
├── Conflict         somebody else changed it first
├── Gone             a watch cannot resume from so old a version
├── Denied           the caller may not do that
├── Unavailable      Argosy itself cannot serve now (disk full, database in use)
├── Failed           the world said no; the answer is final
├── Permanent        a technical fault that trying again will not mend
└── Temporary        trying again after `after` seconds may help
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


class ArgosyError(Exception):
    """An error made for people.

    Args:
        message: what happened and where, without a trailing full stop.
        advice: what to do about it, as a sentence; may be empty.
        reason: a CamelCase word for machines, as Kubernetes uses in `Status.reason`.
    """

    reason = "InternalError"

    def __init__(self, message: str, *, advice: str = "", reason: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        if reason is not None:
            self.reason = reason

    def __str__(self) -> str:
        return f"{self.message}. {self.advice}" if self.advice else self.message


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in an input: `field` is a path such as `spec.steps[2].uses`; `line` counts from 1, 0 if unknown."""

    message: str
    field: str = ""
    file: str = ""
    line: int = 0
    advice: str = ""

    def __str__(self) -> str:
        place = ":".join(part for part in (self.file, str(self.line) if self.line else "") if part)
        head = ": ".join(part for part in (place, self.field, self.message) if part)
        return f"{head}. {self.advice}" if self.advice else head


class Invalid(ArgosyError):
    """The input is wrong. `problems` lists every fault found, in the order of the input."""

    reason = "Invalid"

    def __init__(self, message: str, problems: Iterable[Problem] = (), *, advice: str = "") -> None:
        self.problems = tuple(problems)
        super().__init__(message, advice=advice)

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(f"  {problem}" for problem in self.problems)])


class NotFound(ArgosyError):
    reason = "NotFound"


class AlreadyExists(ArgosyError):
    reason = "AlreadyExists"


class Conflict(ArgosyError):
    reason = "Conflict"


class Gone(ArgosyError):
    reason = "Expired"


class Denied(ArgosyError):
    reason = "Forbidden"


class Unavailable(ArgosyError):
    reason = "ServiceUnavailable"


class Failed(ArgosyError):
    reason = "Failed"


class Permanent(ArgosyError):
    reason = "Errored"


class Temporary(ArgosyError):
    """Trying again may help. `after` is in seconds; None leaves the delay to the caller's backoff."""

    reason = "Temporary"

    def __init__(self, message: str, *, after: float | None = None, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.after = after


def suggestion(name: str, known: Iterable[str]) -> str:
    """A sentence with the known name that was probably meant by `name`, empty when none is near."""
    near = difflib.get_close_matches(name, [str(each) for each in known], n=1)
    return f"Did you mean {near[0]!r}?" if near else ""
