"""`argosy matrix`: which version of everything runs where, and how far it lags behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import click

from argosy.cli import connection
from argosy.cli.connection import Connection
from argosy.cli.grid import Cell, grid, width
from argosy.cli.output import as_json, as_yaml, write
from argosy.cli.screen import safe
from argosy.clients.kubernetes import Kubernetes

Data = dict[str, Any]
Column = tuple[str, str]


@click.command("matrix")
@connection.options()
@click.option("--all-projects", "-A", "everywhere", is_flag=True, help="In all Projects that you may look into.")
@click.option("--behind", "lagging", is_flag=True, help="Only artifacts of which some Stage lags behind.")
@click.option("--output", "-o", "form", type=click.Choice(["table", "json", "yaml"]), default="table", help="Form.")
def command(connection: Connection, everywhere: bool, lagging: bool, form: str) -> None:
    """Show which version of each artifact runs where.

    Next to a version stands how many newer ones its Warehouse has found: `-2` lags two behind.

    \b
    argosy matrix --project my-project
    argosy matrix --all-projects --behind
    """
    path = ("matrix",) if everywhere else ("projects", connection.project, "matrix")
    told = connection.run(lambda client: _whole(client, path))
    if lagging:
        told["rows"] = [row for row in told["rows"] if any(cell.get("behind") for cell in row["cells"])]
    if form != "table":
        write(as_json(told) + "\n" if form == "json" else as_yaml(told))
        return
    if not told["rows"]:
        click.echo("No Stage lags behind." if lagging else "No Stage uses anything yet.", err=True)
    write("".join(f"{line}\n" for line in lines(told, everywhere, shutil.get_terminal_size().columns)))


async def _whole(client: Kubernetes, path: tuple[str, ...]) -> Data:
    """All pages as one: rows of one artifact belong together."""
    stages, rows, more = list[Data](), dict[tuple[str, ...], Data](), ""
    while True:
        page = await client.kargo.call("GET", *path, parameters={"continue": more})
        stages += page["stages"]
        for row in page["rows"]:
            known = rows.setdefault(tuple(row["artifact"].values()), {**row, "cells": []})
            known["cells"] += row["cells"]
            known["newest"] = known["newest"] or row["newest"]
        more = page["metadata"].get("continue", "")
        if not more:
            return {"stages": stages, "rows": list(rows.values())}


def lines(told: Data, everywhere: bool, columns: int) -> Iterator[str]:
    """The matrix for people: as a grid where that fits, else one artifact below the other."""
    rows, used = told["rows"], {_column(cell) for row in told["rows"] for cell in row["cells"]}
    stages = [_column(stage) for stage in told["stages"] if _column(stage) in used]
    header = ("Artifact", "Newest", *(_named(stage, everywhere) for stage in stages))
    cells = [[_place(row), row["newest"] or "-", *_cells(row, stages)] for row in rows]
    if not cells or width(header, cells) <= columns:
        yield from grid(header, cells)
        return
    for place, row in enumerate(rows):
        newest = f", newest {safe(row['newest'])}" if row["newest"] else ""
        yield f"{'' if place == 0 else chr(10)}{safe(_place(row))}{newest}"
        inner = [
            [_named(_column(each), everywhere), _cell([each]), each["alias"], each["health"]] for each in row["cells"]
        ]
        yield from (f"  {line}" for line in grid(("Stage", "Version", "Freight", "Health"), inner))


def _place(row: Data) -> str:
    return "/".join(part for part in (row["artifact"]["repoURL"], row["artifact"]["name"]) if part)


def _column(found: Data) -> Column:
    return found["project"], found["stage"]


def _named(column: Column, everywhere: bool) -> str:
    return "/".join(column) if everywhere else column[1]


def _cells(row: Data, stages: list[Column]) -> list[Cell]:
    return [_cell([cell for cell in row["cells"] if _column(cell) == stage]) for stage in stages]


def _cell(found: list[Data]) -> Cell:
    """The versions of an artifact in a Stage; mostly there is one."""
    if not found:
        return Cell("-")
    lags = max(cell.get("behind") or 0 for cell in found)
    known = all("behind" in cell for cell in found)
    return Cell(", ".join(_version(cell) for cell in found), "yellow" if lags else "green" if known else "")


def _version(cell: Data) -> str:
    lag = f" -{cell['behind']}{'+' * cell['atLeast']}" if cell.get("behind") else ""
    return f"{cell['version']}{lag}"
