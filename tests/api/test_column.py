from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from argosy.api.column import age, cell, duration
from argosy.resources.kind import Column
from argosy.resources.kinds import KINDS

NOW = datetime(2026, 1, 10, tzinfo=UTC)
DOCUMENT: dict[str, Any] = {
    "metadata": {"labels": {"kargo.akuity.io/alias": "brave-bee"}, "creationTimestamp": "2026-01-09T23:55:00Z"},
    "spec": {"list": [1, 2], "flag": True, "object": {"a": 1}},
    "status": {"conditions": [{"type": "Other", "status": "X"}, {"type": "Ready", "status": "True"}]},
}

PATHS = {
    "a plain path": (".spec.flag", True),
    "a name with escaped dots": (r".metadata.labels.kargo\.akuity\.io/alias", "brave-bee"),
    "the item of a list that matches": ('.status.conditions[?(@.type=="Ready")].status', "True"),
    "no item matches": ('.status.conditions[?(@.type=="Never")].status', None),
    "an index": (".spec.list[1]", 2),
    "an index beyond the list": (".spec.list[7]", None),
    "a path that leads nowhere": (".spec.nothing.at.all", None),
    "a path through text": (".metadata.creationTimestamp.x", None),
    "an object is written out": (".spec.object", "{'a': 1}"),
}


@pytest.mark.parametrize(("path", "expected"), PATHS.values(), ids=PATHS)
def test_a_cell_shows_what_its_path_leads_to(path: str, expected: Any) -> None:
    assert cell(Column("Some", path))(DOCUMENT, NOW) == expected


def test_what_kubernetes_prints_of_its_own_kinds() -> None:
    document = {"data": {"a": "1", "b": "2"}, "roleRef": {"kind": "Role", "name": "r"}}
    assert cell(Column("Data", ".data", form="count"))(document, NOW) == 2
    assert cell(Column("Data", ".data", form="count"))({}, NOW) == 0
    assert cell(Column("Role", ".roleRef", form="reference"))(document, NOW) == "Role/r"
    assert cell(Column("Object", ".roleRef", form="lower-reference"))(document, NOW) == "role/r"


def test_a_date_shows_as_an_age() -> None:
    column = Column("Age", ".metadata.creationTimestamp", "date")
    assert cell(column)(DOCUMENT, NOW) == "5m"
    assert cell(column)({"metadata": {}}, NOW) == "<unknown>"
    assert age("yesterday", NOW) == "<unknown>"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-2, "<invalid>"),
        (-1, "0s"),
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (200, "3m20s"),
        (599, "9m59s"),
        (601, "10m"),
        (10_799, "179m"),
        (10_800, "3h"),
        (10_860, "3h1m"),
        (28_800, "8h"),
        (172_799, "47h"),
        (172_800, "2d"),
        (176_400, "2d1h"),
        (691_200, "8d"),
        (63_071_999, "729d"),
        (63_072_000, "2y"),
        (63_158_400, "2y1d"),
        (252_288_000, "8y"),
        (400_000_000, "12y"),
    ],
)
def test_ages_read_as_kubectl_writes_them(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


def test_every_column_of_the_catalogue_is_understood() -> None:
    for kind in KINDS.values():
        for column in kind.columns:
            cell(column)({}, NOW)


def test_a_path_that_is_not_understood_is_a_fault_of_the_catalogue() -> None:
    with pytest.raises(ValueError, match="not understood"):
        cell(Column("Bad", ".spec[*]"))
