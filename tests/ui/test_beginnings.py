"""From a server with nothing on it to a version in prod, in Chromium, with a real repository and a real registry."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from tests.ui.browser_case import Server, environment_of, needs_browser, serving, walk

VALUES = 'image:\n  repository: web\n  tag: "0.0.0"  # written by promotions\n'


@needs_browser
@pytest.mark.xdist_group("npm")
def test_people_begin_with_nothing(demo: Server, tmp_path: Path) -> None:
    home = tmp_path / "newcomer"
    environment = environment_of(home)
    config = _repository(home, environment)
    found = re.search(r"repoURL: (\S+/acme/web)", (demo.folder.parent / "pipeline.yaml").read_text("utf-8"))
    assert found is not None
    with serving(home / "server", environment, "up", "--data", str(home / "server"), "--allow-file-urls") as empty:
        walk("beginnings.mjs", empty, {"IMAGE": found[1], "CONFIG": config.as_uri()})
    branches = subprocess.run(["git", "branch", "--list"], cwd=config, capture_output=True, text=True, check=True)
    assert branches.stdout.split() == ["*", "main", "stage/dev", "stage/prod", "stage/staging"]


def _repository(home: Path, environment: dict[str, str]) -> Path:
    """What somebody has who begins: one file on one branch."""
    config, work = home / "config.git", home / "work"
    work.mkdir(parents=True)

    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=work, env=environment, check=True, capture_output=True)

    git("init", "--quiet", "--bare", "--initial-branch=main", str(config))
    git("clone", "--quiet", str(config), ".")
    git("checkout", "--quiet", "-B", "main")
    (work / "values.yaml").write_text(VALUES, "utf-8")
    git("add", ".")
    git("commit", "--quiet", "--message", "Begin")
    git("push", "--quiet", "origin", "main")
    return config
