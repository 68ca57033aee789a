"""People's ways through the pages, in Chromium, on a server with a real repository and a real registry."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tools.ui import DIST, SOURCE, build, install, is_built, missing

ARGOSY = str(Path(sys.executable).with_name("argosy"))
CHROMIUM = shutil.which("chromium")
PICTURES = SOURCE / "screenshots"
DANGEROUS = '<img src=x onerror="alert(1)">'


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that runs, in a folder of its own."""

    folder: Path
    environment: dict[str, str]
    url: str

    @property
    def token(self) -> str:
        return (self.folder / "server" / "token").read_text("utf-8").strip()

    def push(self, version: str) -> None:
        command = [ARGOSY, "demo", "push", version, "--data", str(self.folder)]
        subprocess.run(command, env=self.environment, check=True, capture_output=True)

    def commit(self, work: Path, message: str) -> None:
        """Change a value of dev by a commit with this message."""

        def git(*words: str) -> None:
            subprocess.run(["git", *words], cwd=work, env=self.environment, check=True, capture_output=True)

        work.mkdir()
        git("clone", "--quiet", str(self.folder / "git" / "config.git"), ".")
        values = work / "values" / "dev.yaml"
        values.write_text(values.read_text("utf-8") + "\nextra: true\n", "utf-8")
        git("commit", "--quiet", "--all", "--message", message)
        git("push", "--quiet")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    people = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in PERSON.items()}
    environment = os.environ | people | {"HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        environment.pop(name, None)
    folder = tmp_path / "demo"
    command = [ARGOSY, "demo", "--data", str(folder), "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            lines = iter(running.stdout.readline, "")
            url = next(found[0] for line in lines if (found := re.search(r"https://\S+", line)))
            next(line for line in lines if "promotion of" in line)
            yield Demo(folder, environment, url)
        finally:
            running.terminate()
            running.communicate()


PERSON = {"NAME": "Ada", "EMAIL": "ada@example.com"}


@pytest.mark.skipif(
    (bool(missing()) or CHROMIUM is None) and not os.environ.get("CI"), reason="there is no npm, or no Chromium"
)
@pytest.mark.xdist_group("npm")
def test_people_find_their_way(demo: Demo, tmp_path: Path) -> None:
    assert CHROMIUM is not None
    install()
    if not is_built():
        build()
    demo.commit(tmp_path / "work", DANGEROUS)
    demo.push("2.0.0")
    environment = os.environ | {
        "SERVER": demo.url,
        "TOKEN": demo.token,
        "PICTURES": str(PICTURES),
        "CHROMIUM": CHROMIUM,
    }
    done = subprocess.run(
        ["node", "browser/journeys.mjs"], cwd=SOURCE, env=environment, capture_output=True, text=True, check=False
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (DIST / "index.html").exists()
