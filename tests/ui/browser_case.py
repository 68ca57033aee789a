"""What walks through the pages need: Chromium, servers of their own, and the pages as they are now."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tools.ui import DIST, SOURCE, build, install, is_built, missing

ARGOSY = str(Path(sys.executable).with_name("argosy"))
CHROMIUM = shutil.which("chromium")
PICTURES = SOURCE / "screenshots"
PERSON = {"NAME": "Ada", "EMAIL": "ada@example.com"}

needs_browser = pytest.mark.skipif(
    (bool(missing()) or CHROMIUM is None) and not os.environ.get("CI"), reason="there is no npm, or no Chromium"
)


def environment_of(home: Path) -> dict[str, str]:
    """That of somebody who lives in a folder of their own."""
    people = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in PERSON.items()}
    environment = os.environ | people | {"HOME": str(home), "PYTHONUNBUFFERED": "1"}
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        environment.pop(name, None)
    return environment


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs, with what it keeps in a folder."""

    folder: Path
    environment: dict[str, str]
    url: str
    output: Iterator[str]

    @property
    def token(self) -> str:
        return (self.folder / "token").read_text("utf-8").strip()


@contextmanager
def serving(folder: Path, environment: dict[str, str], *words: str) -> Iterator[Server]:
    """Runs `argosy WORDS` until it is no longer needed."""
    command = [ARGOSY, *words, "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            lines = iter(running.stdout.readline, "")
            url = next(found[0] for line in lines if (found := re.search(r"https://\S+", line)))
            yield Server(folder, environment, url, lines)
        finally:
            running.terminate()
            running.communicate()


def walk(script: str, server: Server, more: Mapping[str, str] | None = None) -> None:
    """Have a script of `ui/browser` walk through the pages of a server."""
    assert CHROMIUM is not None
    install()
    if not is_built():
        build()
    environment = os.environ | {
        "SERVER": server.url,
        "TOKEN": server.token,
        "PICTURES": str(PICTURES),
        "CHROMIUM": CHROMIUM,
        **(more or {}),
    }
    command = ["node", f"browser/{script}"]
    done = subprocess.run(command, cwd=SOURCE, env=environment, capture_output=True, text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (DIST / "index.html").exists()
