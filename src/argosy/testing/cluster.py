"""A real Kubernetes API server with etcd, on loopback, and on request the controllers that every cluster runs.

The programs are those of `KUBEBUILDER_ASSETS`, the convention of envtest, or what `make tools` built. They may be
stopped, killed and started again, as happens to clusters.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import os
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from argosy.testing.helm import tools_folder
from argosy.testing.port import free_port

VERSION = "v1.37.2"
PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager")
ADMIN = "admin"
USERS = (ADMIN, "alice", "bob", "carol")
"""Who may log in, each with the token `NAME-token`; the first may do everything, the others nothing yet."""

_READY_SECONDS = 60.0
_STOP_SECONDS = 20.0
_BATCH = 100
"""Resources in one transaction of etcd, which takes 128 operations."""

_CONTROLLERS = (
    *("namespace-controller", "garbage-collector-controller"),
    *("serviceaccount-controller", "serviceaccount-token-controller"),
)


def assets() -> Path:
    """The folder of the programs, whether they are there or not."""
    named = os.environ.get("KUBEBUILDER_ASSETS")
    return Path(named) if named else tools_folder() / f"kubernetes-{VERSION}"


def program(name: str) -> Path:
    """One of PROGRAMS. Raises FileNotFoundError, with advice: a missing program is never a reason to skip."""
    found = assets() / name
    if not found.exists():
        raise FileNotFoundError(
            f"{found} is missing: run `make tools`, or set KUBEBUILDER_ASSETS to a folder that has it"
        )
    return found


@dataclass
class Cluster:
    """One API server. Its address and its data stay the same when it is started again.

    Attributes:
        folder: where everything lies: data, certificates, logs.
        port: of the API server, on 127.0.0.1.
    """

    folder: Path
    port: int = field(default_factory=free_port)
    _etcd_ports: tuple[int, int] = field(default_factory=lambda: (free_port(), free_port()))
    _processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict, init=False, repr=False)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def ca_file(self) -> Path:
        """The certificate to trust; there once the server has been ready."""
        return self.folder / "certificates" / "apiserver.crt"

    def token(self, user: str = ADMIN) -> str:
        return f"{user}-token"

    def kubeconfig(self, user: str = ADMIN) -> Path:
        """A kubeconfig of one of USERS."""
        path = self.folder / f"kubeconfig-{user}"
        cluster = {"server": self.url, "certificate-authority": str(self.ca_file)}
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "test", "cluster": cluster}],
            "users": [{"name": user, "user": {"token": self.token(user)}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": user}}],
            "current-context": "test",
        }
        path.touch(mode=0o600)
        path.write_bytes(orjson.dumps(content))  # JSON is YAML
        return path

    @property
    def pids(self) -> list[int]:
        """Of the processes that run."""
        return [process.pid for process in self._processes.values()]

    def start(self) -> None:
        """Start etcd and the API server where they do not run; returns when it is ready. Raises RuntimeError."""
        self._prepare()
        self.start_etcd()
        self.start_api()

    def start_etcd(self) -> None:
        """Start etcd where it does not run; returns at once."""
        client, peer = (f"http://127.0.0.1:{port}" for port in self._etcd_ports)
        options = {"data-dir": self.folder / "etcd", "listen-client-urls": client, "advertise-client-urls": client}
        more = {"listen-peer-urls": peer, "initial-advertise-peer-urls": peer, "initial-cluster": f"default={peer}"}
        self._start("etcd", ["--unsafe-no-fsync", *_options({**options, **more})])

    def start_api(self) -> None:
        """Start the API server where it does not run, and wait until it is ready. Raises RuntimeError."""
        options = {
            "etcd-servers": f"http://127.0.0.1:{self._etcd_ports[0]}",
            "bind-address": "127.0.0.1",
            "secure-port": self.port,
            "cert-dir": self.folder / "certificates",
            "token-auth-file": self.folder / "tokens.csv",
            "authorization-mode": "RBAC",
            "service-account-issuer": "https://kubernetes.default.svc",
            "service-account-key-file": self.folder / "accounts.key",
            "service-account-signing-key-file": self.folder / "accounts.key",
            "service-cluster-ip-range": "10.0.0.0/24",
            "disable-admission-plugins": "ServiceAccount",
        }
        self._start("kube-apiserver", _options(options))
        self._until_ready()

    def start_controllers(self) -> None:
        """Start what empties deleted namespaces, deletes what lost its owner, and issues tokens; returns at once.

        Start it after CustomResourceDefinitions were installed: it looks for new ones twice a minute only.
        """
        options = {
            "kubeconfig": self.kubeconfig(),
            "controllers": ",".join(_CONTROLLERS),
            "service-account-private-key-file": self.folder / "accounts.key",
        }
        haste = ["--kube-api-qps=1000", "--kube-api-burst=1000"]
        self._start("kube-controller-manager", ["--leader-elect=false", "--secure-port=0", *haste, *_options(options)])

    def compact(self, version: int) -> None:
        """Let etcd forget what was before a version, as it does by itself every five minutes."""
        self._ask_etcd("compaction", {"revision": version, "physical": True})

    def keep(self, entries: Iterable[tuple[str, bytes]]) -> None:
        """Put custom resources where the API server keeps them, as it does: `plural.group/namespace/name`, JSON.

        So thousands are there in seconds, beneath all that the server does to writes.
        """
        waiting = iter(entries)
        while batch := list(itertools.islice(waiting, _BATCH)):
            puts = [(f"/registry/{'/'.join(_place(path))}", content) for path, content in batch]
            made = [{"requestPut": {"key": _encoded(key.encode()), "value": _encoded(value)}} for key, value in puts]
            self._ask_etcd("txn", {"success": made})

    def _ask_etcd(self, what: str, content: object) -> None:
        url = f"http://127.0.0.1:{self._etcd_ports[0]}/v3/kv/{what}"
        with urllib.request.urlopen(url, orjson.dumps(content), timeout=60) as answer:
            answer.read()

    def stop(self, name: str, *, kill: bool = False) -> None:
        """End one of PROGRAMS, if it runs; with `kill` without warning."""
        process = self._processes.pop(name, None)
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def close(self) -> None:
        """End everything."""
        for name in reversed(PROGRAMS):
            self.stop(name, kill=True)

    def log(self, name: str) -> str:
        """What one of PROGRAMS wrote, over all its starts."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def _prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        key = self.folder / "accounts.key"
        if not key.exists():
            made = rsa.generate_private_key(65537, 2048)
            form, plain = serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
            key.write_bytes(made.private_bytes(serialization.Encoding.PEM, form, plain))
        groups = {ADMIN: ',"system:masters"'}
        lines = [f"{self.token(user)},{user},{user}{groups.get(user, '')}\n" for user in USERS]
        (self.folder / "tokens.csv").write_text("".join(lines))

    def _start(self, name: str, options: Sequence[str]) -> None:
        running = self._processes.get(name)
        if running is not None and running.poll() is None:
            return
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen([str(program(name)), *options], stdout=log, stderr=log)

    def _until_ready(self) -> None:
        end = time.monotonic() + _READY_SECONDS
        while time.monotonic() < end:
            for name, process in self._processes.items():
                if process.poll() is not None:
                    raise RuntimeError(f"{name} ended with {process.returncode}: {self.log(name)[-2000:]}")
            if self._is_ready():
                return
            time.sleep(0.05)
        raise RuntimeError(f"the API server is not ready: {self.log('kube-apiserver')[-2000:]}")

    def _is_ready(self) -> bool:
        if not self.ca_file.exists():
            return False
        request = urllib.request.Request(f"{self.url}/readyz", headers={"Authorization": f"Bearer {self.token()}"})
        try:
            context = ssl.create_default_context(cafile=str(self.ca_file))
            with urllib.request.urlopen(request, timeout=5, context=context) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False


@contextlib.contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster until the block ends."""
    cluster = Cluster(folder)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.close()


def _place(path: str) -> tuple[str, str, str]:
    resource, _, rest = path.partition("/")
    plural, _, group = resource.partition(".")
    return group, plural, rest


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _options(options: dict[str, object]) -> list[str]:
    return [f"--{name}={value}" for name, value in options.items()]
