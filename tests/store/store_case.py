"""What the tests of the SQL store share: few kinds that import fast, and an audit of a whole database."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import orjson

from argosy.clock import Clock
from argosy.resources.kind import Kind
from argosy.resources.meta import Resource
from argosy.store.selection import terms_of
from argosy.store.sql import SqlStore, open_store

KINDS = {
    "Namespace": Kind("Namespace", "", "v1", "namespaces", Resource, namespaced=False),
    "Secret": Kind("Secret", "", "v1", "secrets", Resource, status=False, indexes={"type": ("type",)}),
    "Ship": Kind("Ship", "example.org", "v1", "ships", Resource, indexes={"spec.port": ("spec", "port")}),
}


def open_at(folder: Path, clock: Clock, **more: Any) -> SqlStore:
    return open_store(f"sqlite:///{database(folder)}", KINDS, clock=clock, key_file=keys(folder), **more)


def database(folder: Path) -> Path:
    return folder / "data" / "argosy.db"


def keys(folder: Path) -> Path:
    return folder / "keys" / "ring"


def namespace(name: str = "p") -> dict[str, Any]:
    return {"kind": "Namespace", "metadata": {"name": name}}


def ship(name: str, port: str = "kiel", **meta: Any) -> dict[str, Any]:
    return {"kind": "Ship", "metadata": {"name": name, "namespace": "p", **meta}, "spec": {"port": port}}


def secret(name: str, value: str) -> dict[str, Any]:
    return {"kind": "Secret", "metadata": {"name": name, "namespace": "p"}, "type": "Opaque", "data": {"v": value}}


def audit(path: Path) -> None:
    """Fail unless the documents, their terms, their owners and the change log of a database agree."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        connection.row_factory = sqlite3.Row
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        newest, pruned = connection.execute("SELECT version, pruned FROM ledger").fetchone()
        logged = {row["version"]: row for row in connection.execute("SELECT * FROM change")}
        assert sorted(logged) == list(range(pruned + 1, newest + 1))
        rows = connection.execute("SELECT * FROM resource").fetchall()
        expected = set()
        for row in rows:
            assert row["version"] <= pruned or logged[row["version"]]["stored"] == row["stored"]
            if row["kind"] != "Secret":
                assert row["moment"] == KINDS[row["kind"]].moment(orjson.loads(row["stored"]))
            expected |= {(row["id"], path, value, row["moment"]) for path, value in _terms(row)}
        terms = connection.execute("SELECT resource, path, value, moment FROM term")
        assert {tuple(term) for term in terms} == expected
        owners = {row[0] for row in connection.execute("SELECT resource FROM owned")}
        assert owners <= {row["id"] for row in rows}
    connection.close()


def _terms(row: sqlite3.Row) -> frozenset[tuple[str, str]]:
    if row["kind"] == "Secret":
        return frozenset({("type", "Opaque")})
    return terms_of(orjson.loads(row["stored"]), KINDS[row["kind"]])
