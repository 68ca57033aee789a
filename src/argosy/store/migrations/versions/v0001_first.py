"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    ledger = op.create_table(
        "ledger",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("pruned", sa.BigInteger, nullable=False),
        sa.Column("indexes", sa.String, nullable=False),
    )
    op.bulk_insert(ledger, [{"id": 1, "version": 0, "pruned": 0, "indexes": ""}])
    _documents()
    op.create_table(
        "change",
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("namespace", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("uid", sa.String, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("stored", sa.LargeBinary, nullable=False),
        sa.Column("terms", sa.LargeBinary, nullable=False),
        sa.Column("was_terms", sa.LargeBinary),
        sa.Column("was_version", sa.BigInteger, nullable=False),
        sa.Column("was_stored", sa.LargeBinary),
    )
    op.create_index("change_kind", "change", ["kind", "version"])
    op.create_table(
        "sweep",
        sa.Column("id", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("task", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
    )


def _documents() -> None:
    op.create_table(
        "resource",
        sa.Column("id", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("namespace", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("uid", sa.String, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("deleting", sa.Integer, nullable=False),
        sa.Column("stored", sa.LargeBinary, nullable=False),
    )
    op.create_index("resource_key", "resource", ["kind", "namespace", "name"], unique=True)
    op.create_index("resource_uid", "resource", ["uid"], unique=True)
    op.create_index("resource_namespace", "resource", ["namespace", "deleting"])
    op.create_table(
        "term",
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("path", sa.String, primary_key=True),
        sa.Column("value", sa.String, primary_key=True),
        sa.Column("namespace", sa.String, primary_key=True),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("resource", _NUMBER, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "owned",
        sa.Column("owner", sa.String, primary_key=True),
        sa.Column("resource", _NUMBER, primary_key=True),
        sqlite_with_rowid=False,
    )
