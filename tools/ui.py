"""Builds the web UI with npm into the package, when it has changed; says what is missing where there is no npm.

    python tools/ui.py [--required]

Without npm, or when it fails, the server works and its pages say how to build them; with `--required` that is an error.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "ui"
DIST = ROOT / "src" / "argosy" / "ui" / "dist"
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


def is_built() -> bool:
    """Whether what is built is of the source as it is."""
    return STAMP.exists() and STAMP.read_text("utf-8") == fingerprint()


def main() -> int:
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
