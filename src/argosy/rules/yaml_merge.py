"""Merging YAML texts, later ones over earlier ones, with the comments and the order of both.

Follows Kargo's `yaml-merge` (`pkg/yaml/merge.go`): mappings are merged, all else is replaced, null removes. Lists are
always replaced, also those of Kubernetes objects, as its documentation says.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from argosy.errors import Permanent
from argosy.rules.edit import decoded


def merged(files: Iterable[tuple[str, bytes]]) -> bytes:
    """The first documents of all files as one; nothing when all are empty.

    Args:
        files: the name of each file, for messages, and its content.

    Raises:
        Permanent: no UTF-8, no YAML, or more than one document in a file.
    """
    yaml = _round_trip()
    result: Any = None
    for name, content in files:
        document = _read(yaml, name, content)
        if document is not None:
            result = document if result is None else _over(result, document)
    if result is None:
        return b""
    written = io.BytesIO()
    yaml.dump(result, written)
    return written.getvalue()


def _round_trip() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 2**31
    yaml.allow_duplicate_keys = False
    return yaml


def _read(yaml: YAML, name: str, content: bytes) -> Any:
    try:
        text, _ = decoded(content, "YAML")
        return yaml.load(text)
    except Permanent as error:
        raise Permanent(f"{name}: {error.message}", advice=error.advice) from error
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark is not None else ""
        raise Permanent(f"{name} is no YAML: {place}{getattr(error, 'problem', None) or 'unreadable'}") from error
    except RecursionError:
        raise Permanent(f"{name} is nested too deeply") from None
    except ValueError as error:
        raise Permanent(f"{name} cannot be read: {error}") from error


def _over(below: Any, above: Any) -> Any:
    """`above` over `below`, which is changed where both are mappings."""
    if not isinstance(below, CommentedMap) or not isinstance(above, CommentedMap):
        return above
    for key, value in above.items():
        if value is None:
            below.pop(key, None)
        elif key in below:
            below[key] = _over(below[key], value)
            _comment(below, above, key)
        else:
            below[key] = value
            _comment(below, above, key)
    return below


def _comment(below: CommentedMap, above: CommentedMap, key: Any) -> None:
    """A comment on the line of a value goes with it."""
    if key in above.ca.items and not isinstance(above[key], CommentedMap):
        below.ca.items[key] = above.ca.items[key]
