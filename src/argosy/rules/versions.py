"""Semantic versions and constraints on them, with the rules of Masterminds/semver v3, which Kargo uses."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, total_ordering
from typing import Any

import re2

from argosy.errors import Invalid

_MAX = 2**64 - 1
_IDENTIFIERS = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
_TOLERANT = re.compile(
    rf"v?(?P<major>[0-9]+)(?:\.(?P<minor>[0-9]+))?(?:\.(?P<patch>[0-9]+))?"
    rf"(?:-(?P<prerelease>{_IDENTIFIERS}))?(?:\+(?P<metadata>{_IDENTIFIERS}))?"
)
_STRICT = re.compile(rf"v?(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){{2}}(?:-{_IDENTIFIERS})?(?:\+{_IDENTIFIERS})?")


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A semantic version as somebody wrote it.

    Ordered by precedence, then, so that sorting is deterministic, by the text: `1.0` is before `1.0.0`. Metadata has no
    precedence; compare `precedence` to ask whether two versions mean the same.
    """

    major: int
    minor: int
    patch: int
    prerelease: str
    metadata: str
    original: str
    precedence: tuple[Any, ...] = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: str, strict: bool = False) -> Version:
        """Read a version.

        Args:
            text: `1.2.3-rc.1+build`; a leading `v`, a missing minor or patch and leading zeros are tolerated.
            strict: refuse a missing minor or patch and leading zeros; a leading `v` is still allowed, as in Kargo.

        Raises:
            Invalid: `text` is no such version.
        """
        found = cls.find(text, strict)
        if found is None:
            advice = "A version is major.minor.patch, for example 1.2.3 or 1.2.3-rc.1."
            raise Invalid(f"{text!r} is not a {'strict ' if strict else ''}semantic version", advice=advice)
        return found

    @classmethod
    def find(cls, text: str, strict: bool = False) -> Version | None:
        """As `parse`, but None for what is not a version: most tags are none."""
        match = _TOLERANT.fullmatch(text)
        if match is None or (strict and not _STRICT.fullmatch(text)):
            return None
        prerelease, metadata = match["prerelease"] or "", match["metadata"] or ""
        numbers = [match["major"], match["minor"] or "0", match["patch"] or "0"]
        if any(len(each) > 40 or int(each) > _MAX for each in numbers) or _leading_zero(prerelease):
            return None
        major, minor, patch = map(int, numbers)
        precedence = (major, minor, patch, _prerelease_key(prerelease))
        return cls(major, minor, patch, prerelease, metadata, text, precedence)

    def __lt__(self, other: Version) -> bool:
        return (self.precedence, self.original) < (other.precedence, other.original)

    def __str__(self) -> str:
        """The canonical form, without `v` and with all three numbers."""
        prerelease = f"-{self.prerelease}" if self.prerelease else ""
        metadata = f"+{self.metadata}" if self.metadata else ""
        return f"{self.major}.{self.minor}.{self.patch}{prerelease}{metadata}"


def _leading_zero(prerelease: str) -> bool:
    return any(len(part) > 1 and part[0] == "0" and part.isdigit() for part in prerelease.split("."))


def _prerelease_key(prerelease: str) -> tuple[Any, ...]:
    """Sorts as precedence demands: a release after its prereleases, numbers before words, fewer parts before more."""
    if not prerelease:
        return (1,)
    return (0, *map(_part_key, prerelease.split(".")))


def _part_key(part: str) -> tuple[int, int, str]:
    number = int(part) if part.isdigit() and len(part) <= 20 else _MAX + 1
    return (0, number, "") if number <= _MAX else (1, 0, part)


# -- constraints

# The expressions are those of Masterminds/semver, so that the same texts are constraints; RE2 reads them as Go does.
_VERSION = (
    r"v?([0-9|x|X|\*]+)(\.[0-9|x|X|\*]+)?(\.[0-9|x|X|\*]+)?"
    r"(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?"
)
_OPERATOR = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^"
_ONE = re2.compile(rf"\s*({_OPERATOR})\s*({_VERSION})\s*")
_EACH = re2.compile(rf"({_OPERATOR})\s*({_VERSION})")
_GROUP = re2.compile(rf"(\s*({_OPERATOR})\s*({_VERSION})\s*)((?:\s+|,\s*)({_OPERATOR})\s*({_VERSION})\s*)*")
_RANGE = re2.compile(rf"\s*({_VERSION})\s+-\s+({_VERSION})\s*")
_WILDCARDS = frozenset(("x", "X", "*"))
_LONGEST = 2048  # characters of a constraint

_ADVICE = "Examples: ^1.2, ~1.4.0, >=1.0.0 <2.0.0, 1.2 - 1.4, 1.x || 3.x."


@dataclass(frozen=True, slots=True)
class Comparator:
    """One comparison, `>=1.2`. `open` names the first part left open (`x` or missing), empty when none is."""

    operator: str
    version: Version
    open: str

    def holds(self, version: Version) -> bool:
        """Does `version` satisfy this, prereleases being welcome?"""
        return _OPERATORS[self.operator](version, self)


@dataclass(frozen=True, slots=True)
class Constraint:
    """Groups of comparators: every comparator of some group has to hold."""

    text: str
    groups: tuple[tuple[Comparator, ...], ...]

    @classmethod
    def parse(cls, text: str) -> Constraint:
        """Read a constraint: `^ ~ ~> = != > < >= <=`, `1.2 - 1.4`, `x`, `*`; space or comma for and, `||` for or.

        Raises:
            Invalid: `text` is no constraint; the empty text is none either.
        """
        return _parse_constraint(text)

    def allows(self, version: Version) -> bool:
        """Does `version` satisfy the constraint? A prerelease only does where the group itself names a prerelease."""
        return any(
            all(comparator.holds(version) for comparator in group)
            for group in self.groups
            if not version.prerelease or any(comparator.version.prerelease for comparator in group)
        )


@lru_cache(maxsize=512)
def _parse_constraint(text: str) -> Constraint:
    if len(text) > _LONGEST:
        raise Invalid(f"a version constraint is longer than {_LONGEST} characters", advice=_ADVICE)
    try:
        groups = tuple(_group(part) for part in _without_ranges(text).split("||"))
    except ValueError:
        raise Invalid(f"{text!r} is not a version constraint", advice=_ADVICE) from None
    return Constraint(text, groups)


def _without_ranges(text: str) -> str:
    """`1.2 - 1.4` is short for `>= 1.2, <= 1.4`."""
    rewritten = text
    for match in _RANGE.finditer(text):
        rewritten = rewritten.replace(match.group(0), f">= {match.group(1)}, <= {match.group(11)} ", 1)
    return rewritten


def _group(text: str) -> tuple[Comparator, ...]:
    if not _GROUP.fullmatch(text):
        raise ValueError(text)
    return tuple(_comparator(match.group(0)) for match in _EACH.finditer(text))


def _comparator(text: str) -> Comparator:
    match = _ONE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    operator, whole, major, minor, patch, prerelease = (match.group(index) or "" for index in range(1, 7))
    if major in _WILDCARDS:
        opened, completed = "major", f"0.0.0{prerelease}"
    elif not minor or minor[1:] in _WILDCARDS:
        opened, completed = "minor", f"{major}.0.0{prerelease}"
    elif not patch or patch[1:] in _WILDCARDS:
        opened, completed = "patch", f"{major}{minor}.0{prerelease}"
    else:
        opened, completed = "", whole
    version = Version.find(completed)
    if version is None:
        raise ValueError(text)
    return Comparator(operator, version, opened)


def _equal(version: Version, than: Comparator) -> bool:
    """A version with an open part stands for all that fit."""
    return _tilde(version, than) if than.open else version.precedence == than.version.precedence


def _not_equal(version: Version, than: Comparator) -> bool:
    bound = than.version
    if than.open == "minor":
        return version.major != bound.major
    if than.open == "patch":
        same = (version.major, version.minor) == (bound.major, bound.minor)
        return not same or version.prerelease != bound.prerelease
    return version.precedence != bound.precedence


def _greater(version: Version, than: Comparator) -> bool:
    """`>11` begins at 12, `>11.1` at 11.2."""
    bound = than.version
    if than.open == "minor":
        return version.major > bound.major
    if than.open == "patch":
        return (version.major, version.minor) > (bound.major, bound.minor)
    return version.precedence > bound.precedence


def _at_most(version: Version, than: Comparator) -> bool:
    """`<=11` ends before 12, `<=11.1` before 11.2."""
    bound = than.version
    if than.open == "minor":
        return version.major <= bound.major
    if than.open:
        return (version.major, version.minor) <= (bound.major, bound.minor)
    return version.precedence <= bound.precedence


def _tilde(version: Version, than: Comparator) -> bool:
    """`~1.2.3` and `~1.2` stay in 1.2, `~1` stays in 1; `~0.0.0` and `~*` allow all."""
    bound = than.version
    if version.precedence < bound.precedence:
        return False
    if than.open in ("", "major") and (bound.major, bound.minor, bound.patch) == (0, 0, 0):
        return True
    return version.major == bound.major and (version.minor == bound.minor or than.open == "minor")


def _caret(version: Version, than: Comparator) -> bool:
    """The first number of the bound that is not zero must stay."""
    bound = than.version
    if version.precedence < bound.precedence:
        return False
    if bound.major > 0 or than.open == "minor":
        return version.major == bound.major
    if version.major > 0:
        return False
    if bound.minor > 0 or than.open == "patch":
        return version.minor == bound.minor
    return version.minor == 0 and version.patch == bound.patch


_OPERATORS: dict[str, Callable[[Version, Comparator], bool]] = {
    "": _equal,
    "=": _equal,
    "!=": _not_equal,
    ">": _greater,
    "<": lambda version, than: version.precedence < than.version.precedence,
    ">=": lambda version, than: version.precedence >= than.version.precedence,
    "=>": lambda version, than: version.precedence >= than.version.precedence,
    "<=": _at_most,
    "=<": _at_most,
    "~": _tilde,
    "~>": _tilde,
    "^": _caret,
}
