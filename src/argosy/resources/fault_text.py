"""Faults of single fields in words: what was found, what is wanted, what people usually meant."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any

from argosy.resources import warehouse
from argosy.resources.cluster_config import EMAIL
from argosy.resources.constraint import Fault, Path
from argosy.resources.duration import INTERVAL_PATTERN
from argosy.resources.meta import Json, Model
from argosy.resources.names import KUBERNETES_NAME, SUBSCRIPTION_NAME, VARIABLE_NAME
from argosy.resources.shape import members

_NAME = "lower-case letters, digits, `-` and `.`, with a letter or digit at both ends"

_PATTERNS = {
    KUBERNETES_NAME: ("a name", f"Use {_NAME}"),
    SUBSCRIPTION_NAME: ("a subscription's name", "Use lower-case letters, digits and `-`, at most 63"),
    VARIABLE_NAME: ("a variable's name", "Use letters, digits and `_`, not beginning with a digit"),
    INTERVAL_PATTERN: ("a duration in hours, minutes and seconds", "Write `30s`, `5m` or `1h30m`"),
    warehouse.GIT_URL: ("the URL of a Git repository", "Write `https://host/path.git`"),
    warehouse.IMAGE_REPOSITORY: (
        "an image repository",
        "Write `registry/path/name`, without scheme, tag and digest; tags are chosen by imageSelectionStrategy",
    ),
    warehouse.CHART_REPOSITORY: ("the URL of a chart repository", "Begin it with `https://` or `oci://`"),
    warehouse.BRANCH: ("the name of a branch", "Write it without `refs/heads/`"),
    warehouse.PLATFORM: ("a platform", "Write `os/architecture`, such as `linux/amd64`"),
    EMAIL: ("an e-mail address", "Write `name@host`"),
}

_MAY_HOLD_PASSWORDS = (warehouse.GIT_URL, warehouse.CHART_REPOSITORY, warehouse.IMAGE_REPOSITORY)
_DURATIONS = ("interval", "requiredSoakTime", "timeout")

_TYPES = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "tuple_type": "a list",
}


def fault(model: type[Model], path: Path, entry: Mapping[str, Any], *, secret: bool = False) -> Fault:
    """One entry of a ValidationError in our words.

    Args:
        model: the model of the whole document.
        path: where in the document.
        entry: the entry, as `ValidationError.errors` gives it.
        secret: whether the values in the document must not be told.
    """
    type_, value, context = entry["type"], entry["input"], entry.get("ctx", {})
    name = str(path[-1]) if path else ""
    if secret and path[:1] != ("metadata",) and type_ in _TYPES:
        return Fault(f"must be {_TYPES[type_]}", path, "Put quotes around it, or encode it with base64 under `data`")
    if type_ == "missing":
        return Fault(f"`{name}` is missing", path, _missing_advice(_owner(model, path), name, value))
    if type_ == "extra_forbidden":
        return Fault(f"unknown field `{name}`", path, _unknown_advice(_owner(model, path), name))
    if type_ in _TYPES:
        return Fault(f"must be {_TYPES[type_]}, not {_shown(value)}", path, _type_advice(type_, value, name))
    told = _LIMITS.get(type_)
    if told is not None:
        return told(path, value, context)
    return Fault(str(context.get("error", entry["msg"])), path)


def _owner(model: type[Model], path: Path) -> type[Model] | None:
    """The model of the object in which the last part of a path lies."""
    owner: type[Model] | None = model
    skip = False
    for part in path[:-1]:
        if skip:
            skip = False
            continue
        member = members(owner).get(str(part)) if owner else None
        owner = member.model if member else None
        skip = member is not None and member.container != "one"
    return owner


def _missing_advice(owner: type[Model] | None, name: str, value: Json) -> str:
    names = members(owner) if owner else {}
    unknown = [key for key in value if key not in names] if isinstance(value, Mapping) else []
    guesses = difflib.get_close_matches(name.lower(), [str(key).lower() for key in unknown], n=1)
    if guesses:
        return f"There is a field `{next(key for key in unknown if str(key).lower() == guesses[0])}`; was it meant?"
    member = names.get(name)
    if member is None or (member.container == "one" and member.model is None):
        return f"Add `{name}: ...`"
    return f"Add `{name}:` with {'a list' if member.container == 'list' else 'its fields indented'} below"


def _unknown_advice(owner: type[Model] | None, name: str) -> str:
    for parent, member in (members(owner) if owner else {}).items():
        if member.model is not None and name in members(member.model):
            return f"It belongs into `{parent}`; check the indentation"
    known = {key.lower(): key for key in members(owner)} if owner else {}
    guesses = difflib.get_close_matches(name.lower().replace("_", "").replace("-", ""), known, n=1, cutoff=0.6)
    if guesses:
        return f"Did you mean `{known[guesses[0]]}`?"
    return f"Known here are {', '.join(sorted(known.values()))}; check the indentation" if known else "Remove it"


def _shown(value: Json) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    return "nothing" if value is None else "a mapping" if isinstance(value, Mapping) else "a list"


def _type_advice(type_: str, value: Json, name: str) -> str:
    plain = not isinstance(value, Mapping | list)
    if type_ == "string_type" and value is None:
        return "Write the value on this line, or remove the field"
    if type_ == "string_type" and plain:
        return _quote(value, name)
    if type_ == "string_type":
        return "Quote it: braces and brackets that are meant as text need quotes"
    if type_ in ("bool_type", "int_type") and isinstance(value, str):
        return "Remove the quotes, if these are the reason; expressions cannot be used here"
    if type_ == "tuple_type":
        return "Begin every item with `- `"
    return "Check the indentation" if not plain else f"Put the fields of `{name}` below it, indented"


def _quote(value: Json, name: str) -> str:
    """How to turn a value that is no text into the text that was meant."""
    if name in _DURATIONS:
        return "Write a number with its unit, such as `30s`, `5m` or `1h30m`"
    if isinstance(value, bool):
        return "Put quotes around it: unquoted, words like true, yes, on, no and off are no text"
    if isinstance(value, float):
        return "Put quotes around it as it stands in the file: unquoted, 1.10 is the number 1.1"
    return f'Quote it: `{name}: "{value}"`'


def _pattern(path: Path, value: Json, context: Mapping[str, Any]) -> Fault:
    pattern = context["pattern"]
    what, advice = _PATTERNS.get(pattern, ("allowed here", f"It must match {pattern}"))
    shown = "the value" if pattern in _MAY_HOLD_PASSWORDS else _shown(value)
    return Fault(f"{shown} is not {what}", path, advice)


def _choice(path: Path, value: Json, context: Mapping[str, Any]) -> Fault:
    expected = str(context["expected"]).replace("'", "")
    choices = expected.replace(" or ", ", ").split(", ")
    guesses = difflib.get_close_matches(str(value).lower(), [choice.lower() for choice in choices], n=1, cutoff=0.5)
    guess = next((choice for choice in choices if guesses and choice.lower() == guesses[0]), "")
    allowed = ", ".join(choice for choice in choices if choice)
    advice = f"Did you mean `{guess}`?" if guess else f"Write one of {allowed}"
    return Fault(f"{_shown(value)} is not allowed here", path, advice)


def _short(path: Path, value: Json, context: Mapping[str, Any]) -> Fault:
    if isinstance(value, str):
        return Fault("must not be empty", path, "Write a value, or remove the field where it is optional")
    return Fault(f"must have at least {context['min_length']} item", path, "Add an item: `- ...`")


def _long(path: Path, value: Json, context: Mapping[str, Any]) -> Fault:
    units = "characters" if isinstance(value, str) else "items"
    return Fault(f"must have at most {context['max_length']} {units}", path, "Shorten it")


def _low(path: Path, value: Json, context: Mapping[str, Any]) -> Fault:
    return Fault(f"must be at least {context['ge']}, not {value}", path, "Write a larger number")


def _high(path: Path, value: Json, context: Mapping[str, Any]) -> Fault:
    return Fault(f"must be at most {context['le']}, not {value}", path, "Write a smaller number")


def _custom(path: Path, value: Json, context: Mapping[str, Any]) -> Fault:
    error = str(context["error"])
    example = "2026-01-31T09:00:00Z" if error.startswith("not a time") else "5m"
    return Fault(f"{_shown(value)} is {error}" if error.startswith("not ") else error, path, f"Write `{example}`")


_LIMITS: Mapping[str, Callable[[Path, Json, Mapping[str, Any]], Fault]] = {
    "string_pattern_mismatch": _pattern,
    "literal_error": _choice,
    "string_too_short": _short,
    "too_short": _short,
    "string_too_long": _long,
    "too_long": _long,
    "greater_than_equal": _low,
    "less_than_equal": _high,
    "value_error": _custom,
}
