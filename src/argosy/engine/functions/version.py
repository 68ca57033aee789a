"""`semverParse()` and `semverDiff()`, with the methods that Masterminds' `semver.Version` has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from argosy.engine.functions import Functions
from argosy.errors import Invalid, Permanent
from argosy.expressions import Object, Value
from argosy.expressions.bounds import Meter
from argosy.expressions.errors import Fault
from argosy.expressions.value import Catalogue
from argosy.rules.versions import Version

METHODS = Catalogue()


@dataclass(frozen=True, slots=True)
class Semver(Object):
    """A semantic version in an expression."""

    version: Version

    type_name: ClassVar[str] = "semver.Version"
    methods: ClassVar[Catalogue] = METHODS

    def plain(self) -> str:
        return str(self.version)

    def json(self) -> Value:
        return str(self.version)


def of() -> Functions:
    """The functions of versions."""
    return {"semverParse": semver_parse, "semverDiff": semver_diff}


def semver_parse(text: str) -> Semver:
    """The version in `text`. Raises Permanent."""
    if not isinstance(text, str):
        raise Permanent("semverParse() needs a string")
    try:
        return Semver(Version.parse(text))
    except Invalid as error:
        raise Permanent("semverParse() cannot read this version", advice=error.advice) from None


def semver_diff(first: str, second: str) -> str:
    """The most significant part in which two versions differ. Prereleases do not count, as in Kargo."""
    if not isinstance(first, str) or not isinstance(second, str):
        raise Permanent("semverDiff() needs two strings")
    one, other = Version.find(first), Version.find(second)
    if one is None or other is None:
        return "Incomparable"
    for part in ("major", "minor", "patch", "metadata"):
        if getattr(one, part) != getattr(other, part):
            return part.capitalize()
    return "None"


def _read(name: str, read: Callable[[Version], Value]) -> None:
    METHODS.add(name, 0)(lambda _meter, of: read(of.version))


def _next(of: Version, major: int, minor: int, patch: int) -> Semver:
    """A release; written with `v` when the version before is."""
    return Semver(Version.parse(f"{'v' * of.original.startswith('v')}{major}.{minor}.{patch}"))


_read("Major", lambda of: of.major)
_read("Minor", lambda of: of.minor)
_read("Patch", lambda of: of.patch)
_read("Prerelease", lambda of: of.prerelease)
_read("Metadata", lambda of: of.metadata)
_read("Original", lambda of: of.original)
_read("String", str)
_read("IncMajor", lambda of: _next(of, of.major + 1, 0, 0))
_read("IncMinor", lambda of: _next(of, of.major, of.minor + 1, 0))
# The patch release that a prerelease leads to comes next, not the one after it.
_read("IncPatch", lambda of: _next(of, of.major, of.minor, of.patch + (not of.prerelease)))


def _set(name: str, part: str) -> None:
    def run(_meter: Meter, of: Semver, value: Value) -> Value:
        if not isinstance(value, str):
            raise Fault(f"the argument of {name}() must be a text")
        parts = {"prerelease": of.version.prerelease, "metadata": of.version.metadata, part: value}
        numbers = f"{of.version.major}.{of.version.minor}.{of.version.patch}"
        rest = (
            f"{'-' * bool(parts['prerelease'])}{parts['prerelease']}{'+' * bool(parts['metadata'])}{parts['metadata']}"
        )
        made = Version.find(f"{'v' * of.version.original.startswith('v')}{numbers}{rest}")
        if made is None:
            raise Fault(f"{name}() cannot make a version of that", "Write it as in 1.2.3-rc.1+build.")
        return Semver(made)

    METHODS.add(name, 1)(run)


_set("SetPrerelease", "prerelease")
_set("SetMetadata", "metadata")


def _compare(name: str, holds: Callable[[Version, Version], Value]) -> None:
    def run(_meter: Meter, of: Semver, other: Value) -> Value:
        if not isinstance(other, Semver):
            raise Fault(f"the argument of {name}() must be a version", "semverParse('1.2.3') makes one.")
        return holds(of.version, other.version)

    METHODS.add(name, 1)(run)


_compare("Compare", lambda a, b: (a.precedence > b.precedence) - (a.precedence < b.precedence))
_compare("Equal", lambda a, b: a.precedence == b.precedence)
_compare("LessThan", lambda a, b: a.precedence < b.precedence)
_compare("LessThanEqual", lambda a, b: a.precedence <= b.precedence)
_compare("GreaterThan", lambda a, b: a.precedence > b.precedence)
_compare("GreaterThanEqual", lambda a, b: a.precedence >= b.precedence)
