"""Options of commands that open a store themselves, without a server."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from argosy.settings import Settings


def store_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--store`, `--data` and `--key-file`, and passes what they come to as `settings`."""

    @click.option("--store", metavar="URL", help="The store, as for `argosy up`; by default the one on this machine.")
    @click.option("--data", metavar="DIR", help="The data folder of that store.")
    @click.option("--key-file", metavar="FILE", help="The keys that its Secrets are encrypted with.")
    @functools.wraps(function)
    def with_settings(store: str | None, data: str | None, key_file: str | None, **others: Any) -> Any:
        return function(settings=Settings.of(store=store, data=data, key_file=key_file), **others)

    return with_settings
