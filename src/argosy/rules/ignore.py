"""Ignore rules in the syntax of `.gitignore`, read as the library does that Kargo's `copy` uses (go-git).

The last rule that matches decides; `!` turns a rule round; a rule without a slash matches at any depth; one with a
slash matches from the folder that is copied; one that ends in a slash matches folders alone; `**` crosses slashes.
What lies in an ignored folder is never looked at, so it cannot be brought back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from argosy.rules.pattern import name_matcher


@dataclass(frozen=True, slots=True)
class _Rule:
    matches: Callable[[str], bool]
    ignores: bool
    folders_only: bool


class IgnoreRules:
    """The rules of one text, one a line; empty lines and lines that begin with `#` say nothing.

    Raises Invalid for a pattern that cannot be read, such as one with an open bracket.
    """

    def __init__(self, text: str) -> None:
        self._rules = [_rule(line) for line in text.splitlines() if line.strip() and not line.startswith("#")]

    def ignores(self, path: str, is_folder: bool) -> bool:
        """Whether `path`, relative to the folder that the rules are for, is to be left out."""
        for rule in reversed(self._rules):
            if (is_folder or not rule.folders_only) and rule.matches(path):
                return rule.ignores
        return False


def _rule(line: str) -> _Rule:
    pattern = _without_last_spaces(line)
    ignores = not pattern.startswith("!")
    pattern = pattern if ignores else pattern[1:]
    pattern = pattern[1:] if pattern.startswith(("\\#", "\\!")) else pattern
    folders_only = pattern.endswith("/")
    pattern = pattern.rstrip("/")
    # Braces choose in globs elsewhere; here they are characters like any other.
    pattern = pattern.replace("{", "\\{").replace("}", "\\}")
    anywhere = "/" not in pattern
    glob = f"**/{pattern}" if anywhere else pattern.lstrip("/")
    return _Rule(name_matcher(f"glob:{glob}"), ignores, folders_only)


def _without_last_spaces(line: str) -> str:
    """Spaces at the end count only after a backslash."""
    bare = line.rstrip(" \t\r")
    return f"{bare} " if bare.endswith("\\") and bare != line else bare
