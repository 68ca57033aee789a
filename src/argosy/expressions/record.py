"""Maps that stand for a struct of Go: read by the names of its fields, written under those of its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from argosy.errors import suggestion
from argosy.expressions.errors import Fault
from argosy.expressions.value import Value


class Record(dict[str, Any]):
    """The fields of a struct, by their names in Go, such as `RepoURL`. It is never changed.

    A field can be read by its name in JSON, too. Reading another one is an error, as it is in Go: it is a slip of the
    pen, never something that is merely missing.
    """

    __slots__ = ("_written",)

    def __init__(self, fields: Mapping[str, Value], written: Mapping[str, str]) -> None:
        """`fields` by name in Go; `written` has the name in JSON of each."""
        super().__init__(fields)
        self._written = dict(written)

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a field. Raises Fault."""
        if key in self:
            return self[key]
        for name, written in self._written.items():
            if written == key:
                return self[name]
        raise Fault(f"there is no field {key!r}", suggestion(str(key), self))

    def json(self) -> dict[str, Any]:
        """As Go's JSON has it: without the fields that are empty."""
        return {self._written[name]: value for name, value in self.items() if value not in ("", None, False, {}, [])}

    def yaml(self) -> dict[str, Any]:
        """As `go.yaml.in/yaml` has a struct that says nothing about YAML: every field, in lower case."""
        return {name.lower(): value for name, value in self.items()}


def as_json(value: Any) -> Any:
    """`value` with the JSON form in place of every record in it."""
    if isinstance(value, Record):
        value = value.json()
    if isinstance(value, dict):
        return {key: as_json(each) for key, each in value.items()}
    return [as_json(each) for each in value] if isinstance(value, list) else value


def as_yaml(value: Any) -> Any:
    """`value` with the YAML form in place of every record in it."""
    if isinstance(value, Record):
        value = value.yaml()
    if isinstance(value, dict):
        return {key: as_yaml(each) for key, each in value.items()}
    return [as_yaml(each) for each in value] if isinstance(value, list) else value
