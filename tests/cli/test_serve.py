"""`argosy serve`: leaves nothing for others to find, logs JSON, takes given certificates and tokens, ends softly."""

from __future__ import annotations

import json
import signal
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from tests.cli.conftest import PROGRAM, Cli, environment
from tests.cli.gate_case import Gate, gate

from argosy.api.authority import certificate_pem, key_pem, new_authority, new_certificate
from argosy.clock import SystemClock

SLOW = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Project
metadata: {name: p}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {name: app, namespace: p}
spec:
  freightCreationPolicy: Manual
  subscriptions: [{image: {repoURL: 127.0.0.1:1/app, constraint: "^1"}}]
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Freight
metadata: {name: computed, namespace: p}
alias: wonky-wombat
origin: {kind: Warehouse, name: app}
images: [{repoURL: 127.0.0.1:1/app, tag: 1.2.3, digest: "sha256:aaaa"}]
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: dev, namespace: p}
spec:
  requestedFreight: [{origin: {kind: Warehouse, name: app}, sources: {direct: true}}]
  promotionTemplate:
    spec:
      steps:
      - {uses: http, as: slow, config: {url: "GATE", timeout: 60s}}
      - {uses: compose-output, as: after, config: {said: "hello"}}
"""

__all__ = ["gate"]


@contextmanager
def serving(root: Path, *arguments: str, **variables: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`argosy serve` under `root`; yields the process and its URL."""
    command = [PROGRAM, "serve", "--data", str(root / "data"), "--listen", "127.0.0.1:0", *arguments]
    with (root / "log").open("a") as log:
        process = subprocess.Popen(
            command, env={**environment(root), **variables}, stdout=subprocess.PIPE, stderr=log, text=True
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert "ready" in line, (root / "log").read_text()
        yield process, line.rpartition(" ")[2].strip()
    finally:
        process.kill()
        process.communicate()


def end(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> int:
    process.send_signal(number)
    return process.wait(timeout=30)


def test_writes_neither_context_nor_kubeconfig_and_ends_cleanly(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, _):
        assert not (tmp_path / "conf" / "config.yaml").exists()
        assert not (tmp_path / "data" / "kubeconfig").exists()
        assert end(process) == 0


def test_its_log_is_json_when_wanted(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    with serving(tmp_path, "--log-format", "json", ARGOSY_LOG_LEVEL="debug") as (process, _):
        assert end(process) == 0
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert lines
    assert all({"time", "level", "logger", "message"} <= set(line) for line in lines)


def test_shows_a_given_certificate_and_asks_for_a_given_token(tmp_path: Path) -> None:
    now = SystemClock().now()
    authority = new_authority(now, 10)
    certificate, key = new_certificate(authority, ["localhost", "127.0.0.1"], now, 10)
    (tmp_path / "crt").write_bytes(certificate_pem(certificate))
    (tmp_path / "key").write_bytes(key_pem(key))
    (tmp_path / "token").write_text("long-and-random\n")
    (tmp_path / "token").chmod(0o440)
    given = ("--certificate-file", str(tmp_path / "crt"), "--certificate-key-file", str(tmp_path / "key"))
    with serving(tmp_path, *given, "--token-file", str(tmp_path / "token")) as (_, url):
        trust = ssl.create_default_context(cadata=certificate_pem(authority[0]).decode())
        with httpx2.Client(verify=trust, base_url=url) as client:
            wanted = {"authorization": "Bearer long-and-random"}
            assert client.get("/api", headers=wanted).status_code == 200
            assert client.get("/api", headers={"authorization": "Bearer other"}).status_code == 401
            assert client.get("/readyz").text == "ok"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--token-file", "none"), "the token in none cannot be read"),
        (("--certificate-file", "none"), "the certificate none"),
        (("--grace", "-1"), "ARGOSY_GRACE"),
        (("--log-format", "json", "--grace", "-1"), "ARGOSY_GRACE"),
        (("--log-format", "json", "--token-file", "none"), "the token in none cannot be read"),
    ],
)
def test_what_is_wrong_is_told_with_advice(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    command = [PROGRAM, "serve", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0", *arguments]
    done = subprocess.run(
        command, env=environment(tmp_path), cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert told in done.stderr
    if "json" in arguments:
        (line,) = done.stderr.splitlines()
        assert json.loads(line)["level"] == "error"


@dataclass
class Shell:
    """The command line, with all it must be told to reach a server that left nothing behind."""

    root: Path
    url: str

    def __call__(self, *arguments: str, stdin: str | None = None) -> str:
        done = Cli(self.root)(
            *arguments,
            stdin=stdin,
            ARGOSY_SERVER=self.url,
            ARGOSY_TOKEN=(self.root / "data" / "token").read_text().strip(),
            ARGOSY_CERTIFICATE_AUTHORITY=str(self.root / "data" / "tls" / "ca.crt"),
        )
        assert done.exit_code == 0, done.output + done.stderr
        return done.stdout

    def ready(self) -> tuple[int, str]:
        trust = ssl.create_default_context(cafile=str(self.root / "data" / "tls" / "ca.crt"))
        answer = httpx2.get(f"{self.url}/readyz", verify=trust)
        return answer.status_code, answer.text


def under_way(shell: Shell, gate: Gate) -> None:
    """Begin a promotion; returns while its first step waits for an answer."""
    shell("apply", "-f", "-", stdin=SLOW.replace("GATE", gate.url))
    shell("promote", "-p", "p", "--stage", "dev", "--freight-alias", "wonky-wombat")
    assert gate.asked.acquire(timeout=30)


def test_a_step_under_way_is_finished_before_the_end_and_not_done_again(tmp_path: Path, gate: Gate) -> None:
    with serving(tmp_path) as (process, url):
        shell = Shell(tmp_path, url)
        under_way(shell, gate)
        process.send_signal(signal.SIGTERM)
        while shell.ready() == (200, "ok"):
            pass
        assert shell.ready()[0] == 503
        assert "the server is ending" in shell.ready()[1]
        assert process.poll() is None
        gate.open.set()
        assert process.wait(timeout=30) == 0
    with serving(tmp_path) as (_, url):
        phase = "jsonpath={.status.lastPromotion.status.phase}"
        while not (found := Shell(tmp_path, url)("get", "stage", "dev", "-p", "p", "-o", phase)):
            pass
        assert found == "Succeeded"
    assert gate.count == 1


def test_a_step_that_takes_longer_than_its_grace_is_not_waited_for(tmp_path: Path, gate: Gate) -> None:
    with serving(tmp_path, "--grace", "0.3") as (process, url):
        under_way(Shell(tmp_path, url), gate)
        assert end(process) == 0
    assert "still under way after 0.3 s" in (tmp_path / "log").read_text()


def test_a_second_signal_ends_it_at_once(tmp_path: Path, gate: Gate) -> None:
    with serving(tmp_path) as (process, url):
        shell = Shell(tmp_path, url)
        under_way(shell, gate)
        process.send_signal(signal.SIGTERM)
        while shell.ready() == (200, "ok"):
            pass
        assert end(process) == 128 + signal.SIGTERM
