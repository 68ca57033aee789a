"""The chart, installed by helm on a real API server; and replicas that run as its Pods would, with its rights alone."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import yaml
from tests.cli.conftest import PROGRAM

from argosy.testing.cluster import Cluster
from argosy.testing.helm import helm
from argosy.testing.kubectl import Kubectl
from argosy.testing.port import free_port

CHART = Path(__file__).parents[2] / "deploy" / "chart"
SPACE = "argosy-system"
ACCOUNT = "argosy"

Data = dict[str, Any]


def run_helm(
    major: int, *arguments: str, home: Path, kubeconfig: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run helm to its end, whatever that is."""
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
    if kubeconfig is not None:
        environment["KUBECONFIG"] = str(kubeconfig)
    return subprocess.run(
        [str(helm(major)), *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def rendered(major: int, home: Path, *arguments: str) -> list[Data]:
    """What the chart comes to."""
    done = run_helm(major, "template", "argosy", str(CHART), "--namespace", SPACE, *arguments, home=home)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def place(document: Data) -> tuple[str, str, str]:
    meta = document["metadata"]
    return document["kind"], meta.get("namespace", ""), meta["name"]


@dataclass
class Replica:
    """One process. `log` is what it told."""

    process: subprocess.Popen[str]
    folder: Path
    webhooks: str
    metrics: str
    url: str = ""

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def get(self, path: str) -> httpx2.Response:
        """From the port of metrics and probes."""
        return httpx2.get(f"{self.metrics}{path}")

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=30)


@dataclass
class Installed:
    """A cluster with the chart."""

    cluster: Cluster
    kubectl: Kubectl
    folder: Path
    replicas: list[Replica] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        """What the chart's container gets, as the cluster keeps it."""
        found = self.kubectl("get", "deployment", "argosy", "-n", SPACE, "-o", "json").json
        (container,) = found["spec"]["template"]["spec"]["containers"]
        return {variable["name"]: variable["value"] for variable in container["env"]}

    def kubeconfig(self) -> Path:
        """With a token of the chart's ServiceAccount, in a file as Pods have it."""
        done = self.kubectl("create", "token", ACCOUNT, "-n", SPACE)
        assert done.code == 0, done.err
        token, path = self.folder / "token", self.folder / "account"
        token.write_text(done.out)
        content = json.loads(self.cluster.kubeconfig().read_bytes())
        content["users"] = [{"name": "admin", "user": {"tokenFile": str(token)}}]
        path.write_text(json.dumps(content))
        return path

    @contextlib.contextmanager
    def replica(self, name: str, command: str = "serve", **settings: str) -> Iterator[Replica]:
        """A replica as the chart runs it, except for what addresses and folders must be in a test.

        `command` is what it runs, `up` for a server that stays on a laptop.
        """
        folder = self.folder / name
        folder.mkdir()
        hooks, metrics = free_port(), free_port()
        own = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "KUBECONFIG": str(self.kubeconfig()),
            "ARGOSY_DATA": str(folder / "data"),
            "ARGOSY_KEY_FILE": str(folder / "keys" / "encryption.keys"),
            "ARGOSY_CONFIG": str(folder / "config.yaml"),
            "ARGOSY_LISTEN": "127.0.0.1:0",
            "ARGOSY_WEBHOOK_LISTEN": f"127.0.0.1:{hooks}",
            "ARGOSY_WEBHOOK_URL": f"https://127.0.0.1:{hooks}",
            "ARGOSY_METRICS_LISTEN": f"127.0.0.1:{metrics}",
        }
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [PROGRAM, command],
                env={**self.environment(), **own, **settings},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        made = Replica(process, folder, own["ARGOSY_WEBHOOK_URL"], f"http://127.0.0.1:{metrics}")
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert "ready" in line, made.log
            made.url = line.rpartition(" ")[2].strip()
            yield made
        finally:
            process.kill()
            process.communicate()

    def call_webhooks_of(self, replica: Replica) -> None:
        """Have the API server call a replica by its URL: no Service leads anywhere where no Pods run."""
        for kind in ("mutatingwebhookconfiguration", "validatingwebhookconfiguration"):
            found = self.kubectl("get", kind, "argosy", "-o", "json").json
            for webhook in found["webhooks"]:
                path = webhook["clientConfig"].pop("service", {}).get("path", "/") or "/"
                before = webhook["clientConfig"].get("url", "")
                webhook["clientConfig"]["url"] = replica.webhooks + (f"/{before.split('/', 3)[3]}" if before else path)
            done = self.kubectl("replace", "-f", "-", stdin=json.dumps(found))
            assert done.code == 0, done.err

    def lease(self) -> Data:
        """What the Lease says; empty when there is none."""
        done = self.kubectl("get", "lease", "argosy", "-n", SPACE, "-o", "json")
        spec: Data = done.json["spec"] if done.code == 0 else {}
        return spec

    def holder(self) -> str:
        return str(self.lease().get("holderIdentity") or "")
