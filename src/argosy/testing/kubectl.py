"""The real kubectl, with a home folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = Path(sys.executable).with_name("kubectl")
"""kubectl as the development dependencies install it."""

SECONDS = 30


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def rows(self) -> list[list[str]]:
        """The words of each line."""
        return [line.split() for line in self.out.splitlines()]


class Kubectl:
    """Runs kubectl against one kubeconfig. A missing program is an error, never a reason to skip.

    `environment` holds more variables for it, such as `KUBE_EDITOR`.
    """

    def __init__(self, kubeconfig: Path, home: Path, environment: Mapping[str, str] | None = None) -> None:
        if not PROGRAM.exists():
            raise FileNotFoundError(f"{PROGRAM} is missing: install the development dependencies")
        told = {"HOME": str(home), "KUBECONFIG": str(kubeconfig), "PATH": os.environ.get("PATH", "")}
        self._environment = {**told, **(environment or {})}

    def __call__(self, *arguments: str, stdin: str = "") -> Ran:
        """Run to the end."""
        done = subprocess.run(
            [str(PROGRAM), *arguments],
            input=stdin,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Begin a command that goes on, such as a watch. The caller ends it."""
        return subprocess.Popen(
            [str(PROGRAM), *arguments],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
