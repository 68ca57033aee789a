"""`commitFrom()` and its like: the artifacts of the Freight that is promoted, or in use."""

from __future__ import annotations

from collections.abc import Mapping

from argosy.engine.functions import Functions
from argosy.errors import Permanent
from argosy.expressions.record import Record
from argosy.resources.artifact import FreightOrigin
from argosy.resources.meta import Json
from argosy.rules.artifact import Cargo
from argosy.rules.criteria import go_artifact, go_struct


def of(cargo: Cargo) -> Functions:
    """The functions over some Freight. Each gives nil for what the Freight does not hold."""

    def commit_from(url: str, origin: Json = None) -> Json:
        return go_struct(cargo.commit(_text(url), _origin(origin)))

    def image_from(url: str, origin: Json = None) -> Json:
        return go_struct(cargo.image(_text(url), _origin(origin)))

    def chart_from(url: str, second: Json = None, third: Json = None) -> Json:
        name = second if isinstance(second, str) else ""
        return go_struct(cargo.chart(_text(url), name, _origin(third if isinstance(second, str) else second)))

    def artifact_from(subscription: str, origin: Json = None) -> Json:
        return go_artifact(cargo.artifact(_text(subscription), _origin(origin)))

    return {
        "warehouse": warehouse,
        "commitFrom": commit_from,
        "imageFrom": image_from,
        "chartFrom": chart_from,
        "artifactFrom": artifact_from,
    }


def warehouse(name: str) -> Json:
    """An origin of Freight, to be the last argument of the others."""
    if not isinstance(name, str) or not name:
        raise Permanent("warehouse() needs the name of a Warehouse")
    return Record({"Kind": "Warehouse", "Name": name}, {"Kind": "kind", "Name": "name"})


def _text(value: Json) -> str:
    if isinstance(value, str):
        return value
    raise Permanent("the first argument must be a string")


def _origin(value: Json) -> FreightOrigin | None:
    if value is None:
        return None
    if not isinstance(value, Mapping) or value.get("Kind") != "Warehouse":
        raise Permanent("an origin is written as warehouse('name')")
    return FreightOrigin(kind="Warehouse", name=value["Name"])
