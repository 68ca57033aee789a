"""Webhooks that are away, replicas that start together, and authorities that change while requests go on."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from tests.cluster.webhook_case import Guard, install, pipeline, project, promotion

from argosy.api.authority import certificate_pem, is_signed_by, key_pem, new_authority
from argosy.api.webhook_certificate import WebhookCertificates
from argosy.app.webhooks import LOOK_SECONDS
from argosy.clients.kubernetes_connection import Connection, Server
from argosy.errors import ArgosyError
from argosy.rules.authority_rotation import AUTHORITY_DAYS, OVERLAP
from argosy.testing.clock import FakeClock
from argosy.testing.cluster import running_cluster
from argosy.testing.kubectl import Kubectl
from argosy.testing.port import free_port

SECRET = ("get", "secret", "argosy-webhooks", "-n", "argosy", "-o", "json")
PROGRAM = str(Path(sys.executable).with_name("argosy"))
numbers = itertools.count(1)


pytestmark = pytest.mark.xdist_group("webhook-faults")  # one cluster for all of them


@pytest.fixture(scope="module")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guard]:
    folder = tmp_path_factory.mktemp("guarded")
    with running_cluster(folder) as cluster:
        kubectl = Kubectl(cluster.kubeconfig(), folder)
        install(kubectl)
        yield Guard(cluster, kubectl, free_port())


def configurations(guard: Guard) -> list[dict[str, Any]]:
    kinds = "validatingwebhookconfigurations,mutatingwebhookconfigurations"
    found: list[dict[str, Any]] = guard.kubectl("get", kinds, "-o", "json").json["items"]
    return found


def trusted(guard: Guard) -> int:
    """How many authorities the API server trusts; the same in every webhook."""
    bundles = {webhook["clientConfig"]["caBundle"] for each in configurations(guard) for webhook in each["webhooks"]}
    assert len(bundles) == 1
    return len(x509.load_pem_x509_certificates(base64.b64decode(bundles.pop())))


def served(guard: Guard) -> bool:
    """Whether a request is let through now."""
    done = guard.kubectl("create", "-f", "-", stdin=project(f"p{next(numbers)}"))
    assert done.code == 0, done.err
    return True


def test_while_nobody_answers_everything_is_refused_and_nothing_is_half_done(guard: Guard) -> None:
    with guard.running():
        served(guard)
    refused = guard.kubectl("create", "-f", "-", stdin=project("away"))
    assert refused.code == 1
    assert "failed calling webhook" in refused.err
    assert guard.kubectl("get", "project", "away").code == 1
    assert guard.kubectl("get", "namespace", "away").code == 1
    with guard.running():
        assert guard.kubectl("create", "-f", "-", stdin=project("away")).code == 0


def test_a_restart_changes_neither_configuration_nor_authority(guard: Guard) -> None:
    def versions() -> list[str]:
        kept = [*configurations(guard), guard.kubectl(*SECRET).json]
        return [each["metadata"]["resourceVersion"] for each in kept]

    with guard.running():
        before = versions()
    with guard.running():
        assert versions() == before


def test_an_authority_that_nears_its_end_is_replaced_while_requests_go_on(guard: Guard) -> None:
    start = datetime.now(UTC) - 2 * OVERLAP
    old = new_authority(start - timedelta(days=AUTHORITY_DAYS - 100), AUTHORITY_DAYS)
    encoded = {
        "ca.crt": base64.b64encode(certificate_pem(old[0])).decode(),
        "ca.key": base64.b64encode(key_pem(old[1])).decode(),
    }
    guard.kubectl("delete", "secret", "argosy-webhooks", "-n", "argosy")
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "argosy-webhooks", "namespace": "argosy"}}
    assert guard.kubectl("create", "-f", "-", stdin=json.dumps({**secret, "data": encoded})).code == 0
    clock = FakeClock(start)
    with guard.running(clock):
        assert trusted(guard) == 2, "the successor is announced before it signs"
        served(guard)
        with asking(guard) as answers:
            for hours in (1, 12, 10, 2):
                guard.within(clock.advance(hours * LOOK_SECONDS + 1))
                served(guard)
        assert len(answers) > 20
        assert set(answers) == {""}
        held = guard.kubectl(*SECRET).json["data"]
        assert held["old.crt"] == encoded["ca.crt"], "the successor signs now"
        assert "next.crt" not in held
        shown = x509.load_pem_x509_certificate(ssl.get_server_certificate(("127.0.0.1", guard.port)).encode())
        assert is_signed_by(shown, x509.load_pem_x509_certificate(base64.b64decode(held["ca.crt"])))
        assert trusted(guard) == 2, "the old one is trusted as long as somebody may show what it signed"
        served(guard)


@contextlib.contextmanager
def asking(guard: Guard) -> Iterator[list[str]]:
    """Ask the API server without a pause, in two threads; yields why requests were refused, empty where not."""
    answers: list[str] = []
    over = threading.Event()

    async def ask() -> None:
        server = Server(guard.cluster.url, ca=guard.cluster.ca_file.read_text(), token=guard.cluster.token())
        connection = Connection(server)
        content = json.dumps(
            {"apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Project", "metadata": {"name": "asked"}}
        )
        while not over.is_set():
            try:
                path = "/apis/kargo.akuity.io/v1alpha1/projects"
                await connection.send("POST", path, parameters={"dryRun": "All"}, content=content.encode())
                answers.append("")
            except ArgosyError as error:
                answers.append(str(error))
        await connection.close()

    threads = [threading.Thread(target=lambda: asyncio.run(ask())) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        over.set()
        for thread in threads:
            thread.join()


async def test_replicas_that_start_together_share_one_authority(guard: Guard) -> None:
    server = Server(guard.cluster.url, ca=guard.cluster.ca_file.read_text(), token=guard.cluster.token())
    connection = Connection(server)
    clock = FakeClock(datetime.now(UTC))
    replicas = [WebhookCertificates(connection, ("argosy", "together"), ["localhost"], clock) for _ in range(5)]
    bundles = await asyncio.gather(*(replica.look() for replica in replicas))
    await connection.close()
    assert len(set(bundles)) == 1


def test_the_whole_program_admits_what_kubectl_writes_and_promotes_it(guard: Guard, tmp_path: Path) -> None:
    """`argosy up` on the cluster, with its ServiceAccount: a Promotion that kubectl makes runs to its end."""
    with up(guard, account_kubeconfig(guard, tmp_path), tmp_path):
        applied = guard.kubectl("apply", "-f", "-", stdin=pipeline("whole"))
        assert applied.code == 0, applied.err
        freight = guard.kubectl("get", "freight", "-n", "whole", "-o", "jsonpath={.items[0].metadata.name}").out
        made = guard.kubectl("create", "-f", "-", "-o", "name", stdin=promotion("whole", freight))
        assert made.code == 0, made.err
        waiting = ("wait", "--for=jsonpath={.status.phase}=Succeeded", made.out.strip(), "-n", "whole", "--timeout=25s")
        waited = guard.kubectl(*waiting)
        assert waited.code == 0, waited.err + (tmp_path / "log").read_text()[-2000:]
        refused = guard.kubectl("create", "-f", "-", stdin=promotion("whole", "nothing"))
        assert "is not available to Stage 'dev'" in refused.err


def account_kubeconfig(guard: Guard, folder: Path) -> Path:
    """A kubeconfig of Argosy's ServiceAccount."""
    token = guard.kubectl("create", "token", "argosy", "-n", "argosy").out.strip()
    content = json.loads(guard.cluster.kubeconfig().read_text())
    content["users"][0]["user"]["token"] = token
    path = folder / "kubeconfig"
    path.write_text(json.dumps(content))
    return path


@contextlib.contextmanager
def up(guard: Guard, kubeconfig: Path, folder: Path) -> Iterator[None]:
    """`argosy up`, ready; it must end well when told to."""
    options = {
        "--data": str(folder / "data"),
        "--listen": "127.0.0.1:0",
        "--store": "kubernetes://",
        "--webhook-listen": f"127.0.0.1:{guard.port}",
        "--webhook-url": guard.url,
    }
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "KUBECONFIG": str(kubeconfig),
        "ARGOSY_CONFIG": str(folder / "conf" / "config.yaml"),
        "ARGOSY_KEY_FILE": str(folder / "conf" / "keys"),
    }
    command = [PROGRAM, "up", *(word for option in options.items() for word in option)]
    with (folder / "log").open("a") as log:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert "ready" in line, (folder / "log").read_text()
        yield
        process.terminate()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.communicate()
