"""Patterns that users write to select by name, by path or by label.

`glob:`, `regex:` and `regexp:` prefixes as in Kargo's `pkg/pattern`; regular expressions are RE2, as in Go, and globs
are those of doublestar: `**` crosses slashes, `*` and `?` do not, `[a-z]` and `{a,b}` choose.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from functools import lru_cache

import re2

from argosy.errors import Invalid
from argosy.resources.selector import LabelSelector

Matcher = Callable[[str], bool]

_LARGEST = 5_000
"""Instructions of a pattern: one may be matched with thousands of tags in a row."""


@lru_cache(maxsize=4096)
def name_matcher(pattern: str) -> Matcher:
    """Matches names: a prefixed glob or regular expression, else the name itself. Raises Invalid."""
    return _prefixed(pattern) or (lambda name: name == pattern)


@lru_cache(maxsize=4096)
def path_matcher(pattern: str) -> Matcher:
    """Matches paths: a prefixed glob or regular expression, else everything in that folder. Raises Invalid."""
    return _prefixed(pattern) or _below(posixpath.normpath(pattern or "."))


def _below(folder: str) -> Matcher:
    """Like Kargo's, it never matches a path that holds `..` below the folder, even within a name."""
    prefix = "" if folder == "." else f"{folder}/"
    return lambda path: path == folder or (path.startswith(prefix) and ".." not in path[len(prefix) :])


def matches_name(pattern: str, name: str) -> bool:
    return name_matcher(pattern)(name)


def matches_labels(selector: LabelSelector, labels: Mapping[str, str]) -> bool:
    """Whether labels satisfy a Kubernetes label selector; an empty one selects everything. Raises Invalid."""
    if any(labels.get(key) != value for key, value in selector.match_labels.items()):
        return False
    for requirement in selector.match_expressions:
        present, value = requirement.key in labels, labels.get(requirement.key)
        match requirement.operator:
            case "In":
                holds = present and value in requirement.values
            case "NotIn":
                holds = value not in requirement.values
            case "Exists":
                holds = present
            case "DoesNotExist":
                holds = not present
            case other:
                raise Invalid(f"label selector operator {other!r} is not In, NotIn, Exists or DoesNotExist")
        if not holds:
            return False
    return True


def regular_expression(pattern: str) -> Matcher:
    """Searches with a user's RE2 expression. Raises Invalid when it cannot be read, or is too large."""
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(pattern, options=options)
    except re2.error as error:
        reason = str(error.args[0], "utf-8", "replace")
        raise Invalid(f"{pattern!r} is not a regular expression (RE2): {reason}") from error
    if compiled.programsize > _LARGEST:
        raise Invalid(
            f"{pattern!r} is too large: it compiles to {compiled.programsize} instructions, {_LARGEST} are allowed",
            advice="Repeat less within it: matching it takes time in proportion to its size.",
        )
    return lambda text: compiled.search(text) is not None


def _prefixed(pattern: str) -> Matcher | None:
    kind, colon, rest = pattern.partition(":")
    if colon and kind in ("regex", "regexp"):
        return regular_expression(rest)
    if colon and kind == "glob":
        return regular_expression(f"^(?s:{_glob(rest)})$")
    return None


def _glob(pattern: str) -> str:
    """A doublestar glob as a regular expression. Raises Invalid for unbalanced brackets and braces."""
    out: list[str] = []
    braces, index = 0, 0
    while index < len(pattern):
        char = pattern[index]
        if pattern.startswith("**/", index) and (index == 0 or pattern[index - 1] == "/"):
            out.append("(?:.*/)?")
            index += 3
            continue
        if pattern.startswith("/**", index) and index + 3 == len(pattern):
            out.append("(?:/.*)?")
            index += 3
            continue
        if pattern == "**":
            return ".*"
        piece, index = _glob_piece(pattern, index, char, in_braces=braces > 0)
        braces += (char == "{") - (char == "}")
        out.append(piece)
    if braces:
        raise Invalid(f"glob {pattern!r} has a brace without its partner")
    return "".join(out)


def _glob_piece(pattern: str, index: int, char: str, *, in_braces: bool) -> tuple[str, int]:
    """The regular expression for what begins at `index`, and where the next piece begins."""
    if char == "*":
        return "[^/]*", index + (2 if pattern.startswith("**", index) else 1)
    if char == "?":
        return "[^/]", index + 1
    if char == "[":
        end = pattern.find("]", index + 2)
        if end < 0:
            raise Invalid(f"glob {pattern!r} has a bracket without its partner")
        inside = pattern[index + 1 : end]
        negated = inside[0] in "!^"
        return f"[{'^/' if negated else ''}{inside[1:] if negated else inside}]", end + 1
    if char == "\\" and index + 1 < len(pattern):
        return re2.escape(pattern[index + 1]), index + 2
    if char == "{":
        return "(?:", index + 1
    if char == "}" and in_braces:
        return ")", index + 1
    if char == "," and in_braces:
        return "|", index + 1
    if char == "}":
        raise Invalid(f"glob {pattern!r} has a brace without its partner")
    return re2.escape(char), index + 1
