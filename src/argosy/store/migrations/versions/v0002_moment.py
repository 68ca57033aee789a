"""When resources came about, for lists by age. What it is of those that are there is filled in by `store.indexing`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for table in ("resource", "term"):
        op.add_column(table, sa.Column("moment", sa.String, nullable=False, server_default=""))
    op.create_index("resource_moment", "resource", ["kind", "namespace", "moment", "name"])
    op.create_index("term_moment", "term", ["kind", "path", "value", "namespace", "moment", "name"])
