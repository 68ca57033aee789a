"""Writes what the API answers as TypeScript, for the web UI: `ui/src/api/schema.d.ts`, from the OpenAPI document.

python -m tools.ui_types
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tools.ui import SOURCE, install

from argosy.api.v1beta1.app import described

FILE = SOURCE / "src" / "api" / "schema.d.ts"
HEAD = "/** Written by tools/ui_types.py from the OpenAPI document; change that, not this. */\n"


def generate() -> str:
    """The file as it should be. Raises CalledProcessError."""
    install()
    document = described("0").openapi()
    reduced = {
        "openapi": "3.1.0",
        "info": {"title": "Argosy", "version": "0"},
        "paths": {},
        "components": {"schemas": _forms(document["components"]["schemas"])},
    }
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "openapi.json", Path(folder) / "schema.d.ts"
        given.write_text(json.dumps(reduced), "utf-8")
        words = ["npx", "--no-install", "openapi-typescript", str(given), "--output", str(made)]
        subprocess.run([*words, "--default-non-nullable=false"], cwd=SOURCE, check=True, capture_output=True)
        text = made.read_text("utf-8")
    return HEAD + text.partition("*/\n")[2].lstrip()


def _forms(node: Any) -> Any:
    """Without descriptions: only what has another form is another type."""
    if isinstance(node, list):
        return [_forms(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        name: _forms(inner) for name, inner in node.items() if not (name == "description" and isinstance(inner, str))
    }


if __name__ == "__main__":
    FILE.write_text(generate(), "utf-8")
