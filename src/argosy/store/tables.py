"""The tables: documents, the terms that select them, the log of changes, unfinished deletions, and the counter."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table

metadata = MetaData()

_Number = BigInteger().with_variant(Integer, "sqlite")

ledger = Table(
    "ledger",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False, doc="always 1: there is one row"),
    Column("version", BigInteger, nullable=False, doc="the newest version given to a write"),
    Column("pruned", BigInteger, nullable=False, doc="the change log holds what came after this version"),
    Column("indexes", String, nullable=False, doc="which fields the terms were made of, as JSON"),
)

resource = Table(
    "resource",
    metadata,
    Column("id", _Number, primary_key=True, autoincrement=True),
    Column("kind", String, nullable=False),
    Column("namespace", String, nullable=False, doc="empty for cluster-scoped kinds"),
    Column("name", String, nullable=False),
    Column("uid", String, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("deleting", Integer, nullable=False, doc="1 once deletionTimestamp is set"),
    Column("moment", String, nullable=False, doc="when it came about; lists by age are ordered by it"),
    Column("stored", LargeBinary, nullable=False, doc="JSON, or sealed JSON for kinds that the vault protects"),
    Index("resource_key", "kind", "namespace", "name", unique=True),
    Index("resource_uid", "uid", unique=True),
    Index("resource_namespace", "namespace", "deleting"),
    Index("resource_moment", "kind", "namespace", "moment", "name"),
)

term = Table(
    "term",
    metadata,
    Column("kind", String, primary_key=True),
    Column("path", String, primary_key=True, doc="#label, a field path, or @owner"),
    Column("value", String, primary_key=True),
    Column("namespace", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("resource", _Number, nullable=False),
    Column("moment", String, nullable=False, doc="that of the resource"),
    Index("term_moment", "kind", "path", "value", "namespace", "moment", "name"),
    sqlite_with_rowid=False,
)
"""What selectors can ask for. Labels and indexed fields of Secrets stand here in the clear, or nobody could select."""

owned = Table(
    "owned",
    metadata,
    Column("owner", String, primary_key=True, doc="uid"),
    Column("resource", _Number, primary_key=True),
    sqlite_with_rowid=False,
)

change = Table(
    "change",
    metadata,
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("namespace", String, nullable=False),
    Column("name", String, nullable=False),
    Column("uid", String, nullable=False),
    Column("type", String, nullable=False),
    Column("stored", LargeBinary, nullable=False),
    Column("terms", LargeBinary, nullable=False, doc="JSON list of path and value"),
    Column("was_terms", LargeBinary, doc="the terms before this change; null when it was created"),
    Column("was_version", BigInteger, nullable=False, doc="the version before this change; 0 when it was created"),
    Column("was_stored", LargeBinary, doc="the document before, unless the log holds it under was_version"),
    Index("change_kind", "kind", "version"),
)

sweep = Table(
    "sweep",
    metadata,
    Column("id", _Number, primary_key=True, autoincrement=True),
    Column("task", String, nullable=False, doc="owner or namespace"),
    Column("subject", String, nullable=False, doc="the uid of the owner, or the name of the namespace"),
)
