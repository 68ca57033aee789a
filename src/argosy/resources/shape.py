"""How a model is built, told from its annotations: which fields hold models, lists and maps, and their defaults."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from argosy.resources.constraint import Path
from argosy.resources.meta import Json, Model, Persisted

Container = Literal["one", "list", "map"]


@dataclass(frozen=True, slots=True)
class Member:
    """One field of a model.

    Attributes:
        container: whether the field holds one value, a list or a map of them.
        model: the model of the value, None for plain and free-form ones.
        free: whether the value may be any JSON, null included.
        default: the default that is written into documents; None when there is none.
    """

    container: Container = "one"
    model: type[Model] | None = None
    free: bool = False
    default: Json = None


@cache
def members(model: type[Model]) -> Mapping[str, Member]:
    """The fields of a model by the names they have on the wire."""
    found = {}
    for name, info in model.model_fields.items():
        if not info.exclude:
            container, inner = _container(info.annotation)
            is_model = isinstance(inner, type) and issubclass(inner, Model)
            persisted = any(isinstance(mark, Persisted) for mark in info.metadata)
            found[info.alias or name] = Member(
                container, inner if is_model else None, inner is Any, info.default if persisted else None
            )
    return found


def _container(annotation: Any) -> tuple[Container, Any]:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return _container(next(argument for argument in arguments if argument is not type(None)))
    if origin is tuple:
        return "list", arguments[0]
    if origin is dict:
        return "map", arguments[1]
    return "one", annotation


def models_in(model: type[Model], value: Json, path: Path = ()) -> Iterator[tuple[type[Model], Path, dict[str, Json]]]:
    """Every object in a raw document that a model describes, outer ones first. Wrong types are passed over."""
    if not isinstance(value, dict):
        return
    yield model, path, value
    for name, member in members(model).items():
        if member.model is not None and name in value:
            for at, inner in _entries(member.container, value[name]):
                yield from models_in(member.model, inner, (*path, name, *at))


def _entries(container: Container, value: Json) -> Iterator[tuple[Path, Json]]:
    if container == "one":
        yield (), value
    elif container == "list" and isinstance(value, list):
        yield from (((index,), item) for index, item in enumerate(value))
    elif container == "map" and isinstance(value, dict):
        yield from (((key,), item) for key, item in value.items())
