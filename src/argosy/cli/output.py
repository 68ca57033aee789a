"""Output: resources printed as `-o` asks, in the forms that kubectl gives them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import click
import yaml

from argosy.cli.jsonpath import Template
from argosy.cli.screen import has_colours, paint_word, safe
from argosy.errors import Invalid
from argosy.resources.kind import Kind
from argosy.resources.meta import Json

Data = dict[str, Any]

FORMS = ("table", "wide", "json", "yaml", "name", "jsonpath=TEMPLATE", "jsonpath-as-json=TEMPLATE")
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@dataclass(frozen=True, slots=True)
class Form:
    """How to print: `name` is one of FORMS up to the `=`."""

    name: str = "table"
    template: Template | None = None

    @property
    def is_table(self) -> bool:
        return self.name in ("table", "wide")


class FormType(click.ParamType[Any]):
    """The value of `-o`."""

    name = "form"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Form:
        if isinstance(value, Form):
            return value
        name, equals, template = str(value).partition("=")
        if name.startswith("jsonpath") and name in ("jsonpath", "jsonpath-as-json") and equals:
            try:
                return Form(name, Template(template))
            except Invalid as error:
                self.fail(str(error), param, ctx)
        if name not in ("table", "wide", "json", "yaml", "name") or equals:
            self.fail(f"{value!r} is none of {', '.join(FORMS)}", param, ctx)
        return Form(name)


option = click.option(
    "--output", "-o", "form", type=FormType(), default="table", metavar="FORM", help=f"One of {', '.join(FORMS)}."
)


def write(text: str) -> None:
    """Write to standard output at once, so that a pipe sees it when it happens."""
    click.echo(text, nl=False)


def resource_name(kind: Kind, name: str) -> str:
    """A resource as `-o name` tells it, such as `stage.kargo.akuity.io/dev`."""
    return f"{kind.singular}.{kind.group}/{name}" if kind.group else f"{kind.singular}/{name}"


def tidy(kind: Kind, document: Data) -> Data:
    """A resource as kubectl shows it: with its kind, as items of lists may lack it, and without managedFields."""
    meta = {key: value for key, value in (document.get("metadata") or {}).items() if key != "managedFields"}
    return {**document, "apiVersion": kind.api_version, "kind": kind.name, "metadata": meta}


def listed(documents: Iterable[Data]) -> Data:
    """Several resources as the one List that kubectl prints."""
    return {"apiVersion": "v1", "items": list(documents), "kind": "List", "metadata": {"resourceVersion": ""}}


def show(form: Form, data: Data) -> None:
    """Print one resource, or a List, in a form other than table and name."""
    if form.name == "json":
        write(as_json(data) + "\n")
    elif form.name == "yaml":
        write(as_yaml(data))
    elif form.template is not None and form.name == "jsonpath":
        write(form.template.text(data))
    elif form.template is not None:
        write(as_json(form.template.values(data)) + "\n")


def show_named(form: Form, kind: Kind, document: Data, done: str) -> None:
    """Print what was done to a resource, `stage.kargo.akuity.io/dev created`, or the resource as `-o` asks."""
    name = resource_name(kind, (document.get("metadata") or {}).get("name") or "")
    if form.is_table:
        write(f"{safe(name)} {done}\n")
    elif form.name == "name":
        write(f"{safe(name)}\n")
    else:
        show(form, tidy(kind, document))


def as_json(value: Json) -> str:
    """JSON as Go writes it: sorted keys, four blanks, `<`, `>` and `&` escaped."""
    text = json.dumps(value, indent=4, sort_keys=True, ensure_ascii=False)
    return text.translate({ord(character): escape for character, escape in _ESCAPES.items()})


class _Dumper(yaml.CSafeDumper):
    pass


_RESOLVER: Any = yaml.resolver.Resolver()


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    """Many lines as a block; what would be read as something else than text in double quotes."""
    tag = "tag:yaml.org,2002:str"
    if "\n" in value:
        return dumper.represent_scalar(tag, value, style="|")
    plain = _RESOLVER.resolve(yaml.ScalarNode, value, (True, False)) == tag and value not in ("y", "Y", "n", "N")
    return dumper.represent_scalar(tag, value, style=None if plain else '"')


_Dumper.add_representer(str, _text)


def as_yaml(value: Json) -> str:
    """YAML with sorted keys, as kubectl writes it."""
    return str(yaml.dump(value, Dumper=_Dumper, default_flow_style=False, allow_unicode=True))


class TablePrinter:
    """Prints Tables of the server: columns as wide as their widest cell, also for rows that a watch adds later.

    Args:
        wide: also the columns of lesser priority.
        headers: whether to name the columns.
        namespaces: whether to say the namespace of each row.
        kind: put before each name, when several kinds are printed.
    """

    PADDING, LEAST = 3, 6

    def __init__(
        self, *, wide: bool = False, headers: bool = True, namespaces: bool = False, kind: Kind | None = None
    ) -> None:
        self._wide = wide
        self._headers = headers
        self._namespaces = namespaces
        self._kind = kind
        self._columns: Sequence[Data] = ()
        self._widths: list[int] = []

    def show(self, table: Data) -> None:
        """Print the rows of a Table; column names come before the first ones."""
        self._columns = table.get("columnDefinitions") or self._columns
        rows = [self._cells(row) for row in table.get("rows") or []]
        if not rows:
            return
        shown = [self._names(), *rows] if self._headers and not self._widths else rows
        widths = [max(len(row[place]) for row in shown) for place in range(len(shown[0]))]
        if len(self._widths) != len(widths):
            self._widths = [max(width + self.PADDING, self.LEAST) for width in widths]
        write("".join(self._line(row) for row in shown))

    def _line(self, row: Sequence[str]) -> str:
        colours = has_colours(sys.stdout)
        # A row that a watch adds may be wider than the first ones: it still has a gap between its cells.
        apart = [f"{cell}{' ' * self.PADDING}" if cell else "" for cell in row[:-1]]
        padded = [cell.ljust(width) for cell, width in zip(apart, self._widths, strict=False)]
        cells = [*padded, row[-1]]
        if colours:
            cells = [paint_word(cell, padded=shown) for cell, shown in zip(row, cells, strict=True)]
        return "".join(cells) + "\n"

    def _names(self) -> list[str]:
        names = [str(column.get("name", "")).upper() for column in self._shown_columns()]
        return ["NAMESPACE", *names] if self._namespaces else names

    def _shown_columns(self) -> list[Data]:
        return [column for column in self._columns if self._wide or not column.get("priority")]

    def _cells(self, row: Data) -> list[str]:
        pairs = zip(self._columns, row.get("cells") or [], strict=False)
        cells = [_cell(value) for column, value in pairs if self._wide or not column.get("priority")]
        if self._kind is not None and self._columns[0].get("name") == "Name":
            cells[0] = resource_name(self._kind, cells[0])
        meta = (row.get("object") or {}).get("metadata") or {}
        return [safe(str(meta.get("namespace", ""))), *cells] if self._namespaces else cells


def _cell(value: Json) -> str:
    """One cell on one line, without what could move the cursor."""
    if value is None:
        return ""
    first, newline, _ = str(value).partition("\n")
    return safe(first + ("..." if newline else ""))
