"""The models of the web UI do what their own tests say, and its types hold."""

from __future__ import annotations

import os
import subprocess

import pytest
from tools.ui import SOURCE, install, missing


@pytest.mark.skipif(bool(missing()) and not os.environ.get("CI"), reason="there is no npm to build the web UI with")
@pytest.mark.xdist_group("npm")
@pytest.mark.parametrize("script", ["test", "check"])
def test_the_models_and_the_types_of_the_ui(script: str) -> None:
    install()
    done = subprocess.run(["npm", "run", "--silent", script], cwd=SOURCE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
