"""The settings as options of the commands that run a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from pydantic.fields import FieldInfo

from argosy.settings import PREFIX, Settings

_METAVARS = {"data": "DIR", "listen": "HOST:PORT", "store": "URL", "key_file": "FILE", "config": "FILE"}


def settings_options(*, without: frozenset[str] = frozenset()) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds an option for each setting, as the settings describe themselves."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for name, field in reversed(Settings.model_fields.items()):
            if name not in without:
                function = _option(name, field)(function)
        return function

    return decorate


def _option(name: str, field: FieldInfo) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    flag, told = f"--{name.replace('_', '-')}", f"{field.description} [env: {PREFIX}{name.upper()}]"
    if field.annotation is bool:
        return click.option(f"{flag}/--no-{flag[2:]}", name, default=None, help=told)
    return click.option(flag, name, metavar=_METAVARS.get(name, "VALUE"), help=told)
