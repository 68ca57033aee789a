"""The reference page of HTTP operations, written from the OpenAPI document: `python tools/api_docs.py` writes it."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from argosy import __version__
from argosy.api.v1beta1.app import described
from argosy.api.v1beta1.document import TAGS

FILE = Path(__file__).parent.parent / "docs" / "reference" / "http-operations.md"
NOTE = "<!-- Written by tools/api_docs.py from the OpenAPI document; do not edit. -->\n"
HEAD = """\
# Operations of the HTTP API

Every operation below `/v1beta1`, by its first tag. Parameters, bodies and answers are in `/openapi.json`, which the
page at `/docs/api` shows; [the HTTP API](http-api.md) tells what all have in common.
"""


def page() -> str:
    """The whole page."""
    rows: dict[str, list[str]] = defaultdict(list)
    for path, item in described(__version__).openapi()["paths"].items():
        for method, operation in item.items():
            place = f"`{method.upper()} {path.removeprefix('/v1beta1')}`"
            rows[operation["tags"][0]].append(f"| {operation['operationId']} | {place} | {operation['summary']} |")
    parts = [NOTE, HEAD]
    for tag in (name for name in TAGS if name in rows):
        table = "\n".join(["| Operation | Request | |", "| --- | --- | --- |", *rows[tag]])
        parts.append(f"\n## {tag}\n\n{TAGS[tag]}\n\n{table}\n")
    return "".join(parts)


if __name__ == "__main__":
    FILE.write_text(page())
