"""Builds the web UI with npm into the package, when it has changed; says what is missing where there is no npm.

    python tools/ui.py [--required]
    python tools/ui.py --types

Without npm, or when it fails, the server works and its pages say how to build them; with `--required` that is an error.
`--types` writes what the API answers as TypeScript, from its OpenAPI document.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "ui"
DIST = ROOT / "src" / "argosy" / "ui" / "dist"
TYPES = SOURCE / "src" / "api" / "schema.d.ts"
STAMP = DIST / ".built-from"
LEAST = (20, 19)


def fingerprint() -> str:
    """What the pages are built from."""
    digest = hashlib.sha256()
    skipped = {"node_modules", "screenshots", "browser"}
    for path in sorted(SOURCE.rglob("*")):
        parts = path.relative_to(SOURCE).parts
        if path.is_file() and not skipped & set(parts) and path.suffix != ".tsbuildinfo":
            digest.update("/".join(parts).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def missing() -> str:
    """Why it cannot be built here; empty when it can."""
    if not shutil.which("npm") or not shutil.which("node"):
        return "there is no npm"
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    version = tuple(int(part) for part in re.findall(r"\d+", told)[:2])
    if version < LEAST:
        return f"Node.js is {told.strip()}"
    return ""


def install() -> None:
    """Have what the lock file names. Raises CalledProcessError."""
    lock, done = SOURCE / "package-lock.json", SOURCE / "node_modules" / ".package-lock.json"
    if not done.exists() or done.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=SOURCE, check=True)


def build() -> None:
    """Raises CalledProcessError."""
    print("building the web UI ...", flush=True)
    install()
    subprocess.run(["npm", "run", "--silent", "build", "--", "--logLevel", "warn"], cwd=SOURCE, check=True)
    STAMP.write_text(fingerprint(), "utf-8")


def types() -> str:
    """The types of answers as they should be. Raises CalledProcessError."""
    from argosy.api.v1beta1.app import described

    install()
    schemas = _forms(described("0").openapi()["components"]["schemas"])
    info = {"title": "Argosy", "version": "0"}
    document = {"openapi": "3.1.0", "info": info, "paths": {}, "components": {"schemas": schemas}}
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "openapi.json", Path(folder) / "schema.d.ts"
        given.write_text(json.dumps(document), "utf-8")
        words = ["npx", "--no-install", "openapi-typescript", str(given), "--output", str(made)]
        subprocess.run([*words, "--default-non-nullable=false"], cwd=SOURCE, check=True, capture_output=True)
        text = made.read_text("utf-8").partition("*/\n")[2].lstrip()
    return f"/** Written by `tools/ui.py --types` from the OpenAPI document; change that, not this. */\n{text}"


def _forms(node: Any) -> Any:
    """Without descriptions: only what has another form is another type."""
    if isinstance(node, list):
        return [_forms(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = ((name, inner) for name, inner in node.items() if name != "description" or not isinstance(inner, str))
    return {name: _forms(inner) for name, inner in kept}


def is_built() -> bool:
    """Whether what is built is of the source as it is."""
    return STAMP.exists() and STAMP.read_text("utf-8") == fingerprint()


def main() -> int:
    if "--types" in sys.argv[1:]:
        TYPES.write_text(types(), "utf-8")
        return 0
    if is_built():
        return 0
    why = missing()
    if not why:
        try:
            build()
        except subprocess.CalledProcessError as error:
            why = f"{' '.join(error.cmd)} failed with status {error.returncode}"
        else:
            return 0
    print(
        f"The web UI is not built: {why}. It needs Node.js {'.'.join(map(str, LEAST))} or newer with npm. "
        "Everything else works without it.",
        file=sys.stderr,
    )
    return 1 if "--required" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
