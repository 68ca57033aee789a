"""A real server, started as a user would, and the command line that speaks to it."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from argosy.cli import command
from argosy.testing.kubectl import Kubectl

PROGRAM = str(Path(sys.executable).with_name("argosy"))

PIPELINE = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: dev}
spec:
  requestedFreight:
  - {origin: {kind: Warehouse, name: app}, sources: {direct: true}}
  promotionTemplate: {spec: {steps: [{uses: compose-output, as: out, config: {said: "hello"}}]}}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: broken, labels: {tier: last}}
spec:
  requestedFreight:
  - {origin: {kind: Warehouse, name: app}, sources: {stages: [dev]}}
  promotionTemplate: {spec: {steps: [{uses: fail, config: {message: "not <today> & not ever"}}]}}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: endless}
spec:
  requestedFreight:
  - {origin: {kind: Warehouse, name: app}, sources: {direct: true}}
  promotionTemplate:
    spec:
      steps:
      - uses: git-clone
        retry: {errorThreshold: 100000}
        config: {repoURL: "http://127.0.0.1:1/none.git", checkout: [{branch: main, path: ./src}]}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {name: app}
spec:
  freightCreationPolicy: Manual
  subscriptions:
  - image: {repoURL: 127.0.0.1:1/app, constraint: "^1"}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Freight
metadata: {name: computed}
alias: wonky-wombat
origin: {kind: Warehouse, name: app}
images:
- {repoURL: 127.0.0.1:1/app, tag: 1.2.3, digest: "sha256:aaaa"}
"""


@dataclass(frozen=True)
class Up:
    """A server that runs: its process, its first line, and where it keeps things."""

    process: subprocess.Popen[str]
    line: str
    root: Path

    @property
    def url(self) -> str:
        return self.line.rpartition(" ")[2].strip()

    @property
    def kubeconfig(self) -> Path:
        return self.root / "data" / "kubeconfig"

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait. Returns the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=30)


def environment(root: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(root),
        "ARGOSY_CONFIG": str(root / "conf" / "config.yaml"),
        "ARGOSY_KEY_FILE": str(root / "conf" / "keys"),
        "ARGOSY_LEAST_INTERVAL": "0.2",
    }


@contextlib.contextmanager
def up(root: Path, *arguments: str) -> Iterator[Up]:
    """`argosy up` under `root` on a free port, ready; killed at the end if it has not ended by then."""
    command = [PROGRAM, "up", "--data", str(root / "data"), "--listen", "127.0.0.1:0", *arguments]
    with (root / "log").open("a") as log:
        process = subprocess.Popen(command, env=environment(root), stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert "ready" in line, (root / "log").read_text()
        yield Up(process, line, root)
    finally:
        process.kill()
        process.communicate()


class Cli:
    """Runs commands in this process, with an environment of their own."""

    def __init__(self, root: Path) -> None:
        self.environment = environment(root)

    def __call__(self, *arguments: str, stdin: str | bytes | None = None, **environment: str) -> Result:
        runner = CliRunner(env={**_CLEAN, **self.environment, **environment})
        return runner.invoke(command, arguments, input=stdin, prog_name="argosy")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Begin a command that goes on, in a process of its own. The caller ends it."""
        return subprocess.Popen(
            [PROGRAM, *arguments], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )


_CLEAN: dict[str, str | None] = dict.fromkeys(
    ("ARGOSY_SERVER", "ARGOSY_TOKEN", "ARGOSY_PROJECT", "ARGOSY_CERTIFICATE_AUTHORITY", "NO_COLOR")
)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with up(tmp_path_factory.mktemp("up")) as running:
        yield running
        assert running.end() == 0


@pytest.fixture(scope="session")
def cli(server: Up) -> Cli:
    return Cli(server.root)


@pytest.fixture(scope="session")
def kubectl(server: Up, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    return Kubectl(server.kubeconfig, tmp_path_factory.mktemp("home"))


_numbers = itertools.count(1)


@pytest.fixture
def project(cli: Cli) -> str:
    """A new Project, still empty."""
    name = f"demo-{next(_numbers)}"
    manifest = f"apiVersion: kargo.akuity.io/v1alpha1\nkind: Project\nmetadata: {{name: {name}}}\n"
    result = cli("apply", "-f", "-", stdin=manifest)
    assert result.exit_code == 0, result.output
    return name


@pytest.fixture
def pipeline(cli: Cli, project: str) -> str:
    """A Project with a Warehouse, three Stages and one piece of Freight of the alias wonky-wombat."""
    result = cli("apply", "-f", "-", "-p", project, stdin=PIPELINE)
    assert result.exit_code == 0, result.output
    return project


@pytest.fixture
def freight(cli: Cli, pipeline: str) -> str:
    """The name of that Freight."""
    return cli("get", "freight", "-p", pipeline, "-o", "jsonpath={.items[0].metadata.name}").stdout
