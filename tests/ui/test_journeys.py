"""People's ways through the pages, in Chromium, on a server with a real repository and a real registry."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tests.ui.browser_case import ARGOSY, Server, needs_browser, walk

DANGEROUS = '<img src=x onerror="alert(1)">'


@needs_browser
@pytest.mark.xdist_group("npm")
def test_people_find_their_way(demo: Server, tmp_path: Path) -> None:
    folder = demo.folder.parent
    _commit(demo, folder, tmp_path / "work")
    publish = [ARGOSY, "demo", "push", "2.0.0", "--data", str(folder)]
    subprocess.run(publish, env=demo.environment, check=True, capture_output=True)
    walk("journeys.mjs", demo)


def _commit(demo: Server, folder: Path, work: Path) -> None:
    """Change a value of dev by a commit whose message would be dangerous as HTML."""

    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=work, env=demo.environment, check=True, capture_output=True)

    work.mkdir()
    git("clone", "--quiet", str(folder / "git" / "config.git"), ".")
    values = work / "values" / "dev.yaml"
    values.write_text(values.read_text("utf-8") + "\nextra: true\n", "utf-8")
    git("commit", "--quiet", "--all", "--message", DANGEROUS)
    git("push", "--quiet")
