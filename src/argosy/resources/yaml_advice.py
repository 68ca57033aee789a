"""What to tell people whose YAML cannot be read."""

from __future__ import annotations

from typing import Any

import yaml

KEY_ADVICE = "Quote the key to make it text"

_ADVICE = (
    ("mapping values are not allowed", "Quote text that contains `: `, or check the indentation of this line"),
    ("could not find expected ':'", "Write `key: value`, with a blank after the colon, and check the indentation"),
    ("did not find expected key", "Check the indentation: the keys of one mapping start in the same column"),
    ("did not find expected '-' indicator", "Check the indentation: the items of one list start in the same column"),
    ("did not find expected ',' or", "Close the bracket, or quote text that contains brackets such as `${{ }}`"),
    ("did not find expected node content", 'Quote text that contains braces or brackets, such as "${{ vars.x }}"'),
    ("unexpected end of stream", "Close the quotation mark"),
    ("found unknown escape character", "Inside double quotes write a backslash twice, or use single quotes"),
    ("control characters are not allowed", "Remove the control character; it may have come in by copying"),
    ("did not find expected <document start>", "Separate documents by a line `---`, and check the indentation"),
)


def explain(error: yaml.YAMLError, text: str) -> tuple[int, str, str]:
    """Line (from 1), message and advice for a syntax error."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
    if mark is None:
        position = getattr(error, "position", 0)
        line = text.encode(errors="replace")[: position if isinstance(position, int) else 0].count(b"\n") + 1
    else:
        line = mark.line + 1
    return line, f"not YAML: {reason}", _advice(str(reason), text, line, mark.column if mark else 0)


def _advice(reason: str, text: str, line: int, column: int) -> str:
    if "cannot start any token" in reason:
        lines = text.splitlines()
        character = lines[line - 1][column : column + 1] if line <= len(lines) else ""
        if character == "\t":
            return "Indent with spaces, not tabs"
        return f"Quote text that starts with {character or 'this character'}"
    return next((advice for part, advice in _ADVICE if part in reason), "Check quotes, brackets and indentation")


def key(value: Any, written: Any, line: int) -> tuple[str, int]:
    """Message and line for a key that is not text."""
    if isinstance(value, dict | list):
        return "a key must be text, not a mapping or a list; an unquoted `{{` begins a mapping", line
    return f"the key {written} means {'null' if value is None else str(value).lower()}, but keys must be text", line
