"""Claims: `--claim NAME=VALUE,VALUE`, as Kargo's command line has them."""

from __future__ import annotations

from typing import Any

import click

Data = dict[str, Any]


def claims(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> list[Data]:
    """`NAME=VALUE,VALUE`, as a callback of an option that may be repeated."""
    found: dict[str, list[str]] = {}
    for value in values:
        name, equals, text = value.partition("=")
        several = [each.strip() for each in text.split(",") if each.strip()]
        if not name.strip() or not equals or not several:
            raise click.BadParameter(f"{value!r} is not NAME=VALUE, such as groups=devops", ctx, param)
        found.setdefault(name.strip(), []).extend(several)
    return [{"name": name, "values": values} for name, values in found.items()]


option = click.option(
    "--claim",
    "claims",
    metavar="NAME=VALUE",
    multiple=True,
    callback=claims,
    help="What the identity provider says of those who are meant, such as `groups=devops` or "
    "`email=jane@example.com`; may be repeated, one match is enough.",
)
