"""Kubeconfigs are read as kubectl reads them; what they say of servers and users arrives in requests."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import ssl
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from argosy.clients.kubeconfig import Access, User, find_access, read_kubeconfig
from argosy.clients.kubernetes_connection import Server
from argosy.clients.kubernetes_login import connect
from argosy.errors import ArgosyError, Denied, Invalid, NotFound, Permanent, Temporary
from argosy.testing.clock import FakeClock
from argosy.testing.tls import Identity, make_identity

EXEC = "client.authentication.k8s.io/v1"


def written(path: Path, user: Mapping[str, Any], cluster: Mapping[str, Any] | None = None, name: str = "east") -> Path:
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "clusters": [{"name": name, "cluster": {"server": f"https://{name}.example", **(cluster or {})}}],
        "users": [{"name": name, "user": dict(user)}],
    }
    path.write_text(yaml.safe_dump(content))
    return path


class Api:
    """Answers what is asked with the tokens that it knows, and remembers what it was shown."""

    def __init__(self, *good: str) -> None:
        self.good = set(good)
        self.seen: list[str] = []
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        self.seen.append(request.headers.get("authorization", ""))
        if self.good and self.seen[-1] not in self.good:
            return httpx2.Response(401, json={"kind": "Status", "message": "Unauthorized", "reason": "Unauthorized"})
        return httpx2.Response(200, json={"kind": "APIVersions"})


async def ask(access: Access, api: Api, clock: FakeClock, times: int = 1) -> None:
    connection = connect(access, clock, transport=httpx2.MockTransport(api))
    try:
        for _ in range(times):
            await connection.send("GET", "/api")
    finally:
        await connection.close()


class TestFiles:
    def test_a_context_is_chosen_by_name_or_is_the_current_one(self, tmp_path: Path) -> None:
        files = [written(tmp_path / "a", {}, name="east"), written(tmp_path / "b", {}, name="arn:aws:eks:1:cluster/x")]
        assert read_kubeconfig(files).server.url == "https://east.example"
        assert read_kubeconfig(files, "arn:aws:eks:1:cluster/x").server.url == "https://arn:aws:eks:1:cluster/x.example"

    def test_what_comes_first_wins(self, tmp_path: Path) -> None:
        first = written(tmp_path / "a", {"token": "first"}, {"server": "https://first.example"})
        second = written(tmp_path / "b", {"token": "second"}, {"server": "https://second.example"})
        found = find_access("", {"KUBECONFIG": os.pathsep.join(["/nowhere", str(first), str(second)])})
        assert (found.server.url, found.user.token) == ("https://first.example", "first")

    def test_the_home_folder_is_looked_into(self, tmp_path: Path) -> None:
        (tmp_path / ".kube").mkdir()
        written(tmp_path / ".kube" / "config", {"token": "t"})
        assert find_access("east", {"HOME": str(tmp_path)}).user.token == "t"

    def test_a_pod_uses_its_account(self, tmp_path: Path) -> None:
        (tmp_path / "ca.crt").write_text("PEM")
        environment = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443", "HOME": str(tmp_path)}
        found = find_access("", environment, tmp_path)
        assert found.server == Server("https://10.0.0.1:443", ca="PEM")
        assert found.user == User(token_file=tmp_path / "token")

    def test_everything_that_a_cluster_may_say_is_kept(self, tmp_path: Path) -> None:
        (tmp_path / "ca.pem").write_text("PEM")
        said = {
            "certificate-authority": "ca.pem",
            "tls-server-name": "inner.example",
            "proxy-url": "http://proxy.example:3128",
            "insecure-skip-tls-verify": True,
        }
        found = read_kubeconfig([written(tmp_path / "config", {}, said)])
        assert found.server == Server(
            "https://east.example",
            ca="PEM",
            verify=False,
            tls_name="inner.example",
            proxy="http://proxy.example:3128",
        )

    @pytest.mark.parametrize(
        ("user", "context", "error", "told"),
        [
            pytest.param({}, "eats", NotFound, "Did you mean 'east'", id="a context that is not there"),
            pytest.param({"auth-provider": {"name": "gcp"}}, "", Invalid, "auth-provider", id="an old way to log in"),
            pytest.param({"exec": {"apiVersion": "v9", "command": "x"}}, "", Invalid, "v9", id="a strange protocol"),
            pytest.param({"exec": {"apiVersion": EXEC}}, "", Invalid, "command", id="no program"),
            pytest.param({"exec": "x"}, "", Invalid, "user.exec must", id="a program that is text"),
            pytest.param({"exec": {"apiVersion": EXEC, "command": "x", "env": "a"}}, "", Invalid, "env", id="no env"),
            pytest.param(
                {"exec": {"apiVersion": EXEC, "command": "x", "args": "a"}}, "", Invalid, "args", id="no args"
            ),
            pytest.param({"as-groups": "staff"}, "", Invalid, "as-groups", id="groups that are text"),
            pytest.param(
                {"exec": {"apiVersion": EXEC, "command": "x", "interactiveMode": "Always"}},
                "",
                Invalid,
                "terminal",
                id="a program that asks somebody",
            ),
            pytest.param({"client-certificate-data": "%%"}, "", Invalid, "base64", id="data that is no base64"),
        ],
    )
    def test_refuses_with_advice(
        self, tmp_path: Path, user: dict[str, Any], context: str, error: type[ArgosyError], told: str
    ) -> None:
        with pytest.raises(error, match=told):
            read_kubeconfig([written(tmp_path / "config", user)], context)

    @pytest.mark.parametrize(
        ("cluster", "told"),
        [
            pytest.param({"server": "https://[::1"}, "no URL", id="an address that does not end"),
            pytest.param({"server": "https://east.example:99999"}, "Port out of range", id="a port too high"),
            pytest.param({"proxy-url": "socks5://127.0.0.1:1"}, "by http://", id="a proxy of another kind"),
        ],
    )
    async def test_addresses_that_cannot_be_used_are_told(
        self, tmp_path: Path, cluster: dict[str, Any], told: str
    ) -> None:
        access = read_kubeconfig([written(tmp_path / "config", {}, cluster)])
        with pytest.raises(Invalid, match=told):
            await ask(access, Api(), FakeClock())

    def test_a_file_that_is_no_yaml_is_not_shown(self, tmp_path: Path) -> None:
        (tmp_path / "config").write_text("users: [token: hunter2")
        with pytest.raises(Invalid) as caught:
            read_kubeconfig([tmp_path / "config"])
        assert "hunter2" not in str(caught.value)
        assert caught.value.__cause__ is None

    def test_secrets_are_in_no_repr(self, tmp_path: Path) -> None:
        user = {"token": "hunter2", "username": "u", "password": "hunter2", "client-key-data": "aHVudGVyMg=="}
        assert "hunter2" not in repr(read_kubeconfig([written(tmp_path / "config", user)]))

    def test_none_at_all_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(NotFound, match="KUBECONFIG"):
            find_access("", {"HOME": str(tmp_path)})


class TestLogin:
    async def test_a_token_is_sent(self, tmp_path: Path) -> None:
        api = Api()
        user = {"token": "t", "as": "alice", "as-groups": ["dev"]}
        await ask(read_kubeconfig([written(tmp_path / "config", user)]), api, FakeClock())
        assert api.seen == ["Bearer t"]
        assert api.requests[0].headers["impersonate-user"] == "alice"
        assert api.requests[0].headers["impersonate-group"] == "dev"

    async def test_a_password_is_sent(self, tmp_path: Path) -> None:
        api = Api()
        await ask(read_kubeconfig([written(tmp_path / "config", {"username": "u", "password": "p"})]), api, FakeClock())
        assert api.seen == [f"Basic {base64.b64encode(b'u:p').decode()}"]

    async def test_a_token_that_was_replaced_is_read_again_when_the_old_one_is_refused(self, tmp_path: Path) -> None:
        token, clock, api = tmp_path / "token", FakeClock(), Api("Bearer old")
        token.write_text("old\n")
        access = read_kubeconfig([written(tmp_path / "config", {"tokenFile": "token"})])
        connection = connect(access, clock, transport=httpx2.MockTransport(api))
        await connection.send("GET", "/api")
        token.write_text("new\n")
        api.good = {"Bearer new"}
        await connection.send("GET", "/api")
        assert api.seen == ["Bearer old", "Bearer old", "Bearer new"]
        await connection.close()

    async def test_a_token_that_was_replaced_is_read_again_after_a_minute(self, tmp_path: Path) -> None:
        token, clock, api = tmp_path / "token", FakeClock(), Api()
        token.write_text("old")
        access = read_kubeconfig([written(tmp_path / "config", {"tokenFile": "token"})])
        connection = connect(access, clock, transport=httpx2.MockTransport(api))
        await connection.send("GET", "/api")
        token.write_text("new")
        await connection.send("GET", "/api")
        await clock.advance(60)
        await connection.send("GET", "/api")
        assert api.seen == ["Bearer old", "Bearer old", "Bearer new"]
        await connection.close()

    async def test_a_token_that_stays_refused_is_denied(self, tmp_path: Path) -> None:
        (tmp_path / "token").write_text("bad")
        access = read_kubeconfig([written(tmp_path / "config", {"tokenFile": "token"})])
        api = Api("Bearer good")
        with pytest.raises(Denied):
            await ask(access, api, FakeClock())
        assert len(api.seen) == 2


PLUG_IN = """\
import json, os, pathlib, sys
here = pathlib.Path(sys.argv[1])
count = int(here.read_text() or 0) + 1 if here.exists() else 1
here.write_text(str(count))
info = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
pathlib.Path(sys.argv[1] + ".info").write_text(json.dumps([info, os.environ.get("REGION")]))
status = {"token": f"t{count}", "expirationTimestamp": sys.argv[2]}
print(json.dumps({"apiVersion": info["apiVersion"], "kind": "ExecCredential", "status": status}))
"""


class TestPlugIn:
    def access(self, folder: Path, text: str = PLUG_IN, ends: str = "2026-01-01T01:00:00Z", **more: Any) -> Access:
        script = folder / "login"
        script.write_text(f"#!{sys.executable}\n{text}")
        script.chmod(0o700)
        said = {"apiVersion": EXEC, "command": "./login", "args": [str(folder / "count"), ends], **more}
        return read_kubeconfig([written(folder / "config", {"exec": said})])

    async def test_its_token_is_used_until_it_ends(self, tmp_path: Path) -> None:
        clock, api = FakeClock(), Api()
        connection = connect(self.access(tmp_path), clock, transport=httpx2.MockTransport(api))
        await connection.send("GET", "/api")
        await clock.advance(3500)
        await connection.send("GET", "/api")
        await clock.advance(95)
        await connection.send("GET", "/api")
        assert api.seen == ["Bearer t1", "Bearer t1", "Bearer t2"]
        await connection.close()

    async def test_it_is_asked_again_when_its_token_is_refused(self, tmp_path: Path) -> None:
        api = Api("Bearer t2")
        await ask(self.access(tmp_path), api, FakeClock())
        assert api.seen == ["Bearer t1", "Bearer t2"]

    async def test_it_is_told_what_the_protocol_says(self, tmp_path: Path) -> None:
        said = {"env": [{"name": "REGION", "value": "eu"}], "provideClusterInfo": True}
        await ask(self.access(tmp_path, **said), Api(), FakeClock())
        info, region = json.loads((tmp_path / "count.info").read_text())
        assert info["apiVersion"] == EXEC
        assert info["spec"]["interactive"] is False
        assert info["spec"]["cluster"]["server"] == "https://east.example"
        assert region == "eu"

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            pytest.param("import sys; sys.exit('no session')", "no session", id="that fails"),
            pytest.param("print('hello')", "no ExecCredential", id="that says something else"),
        ],
    )
    async def test_one_is_told_of(self, tmp_path: Path, text: str, told: str) -> None:
        with pytest.raises(Denied, match=told):
            await ask(self.access(tmp_path, text), Api(), FakeClock())

    async def test_one_that_is_missing_is_told_with_its_hint(self, tmp_path: Path) -> None:
        access = self.access(tmp_path, command="argosy-no-such-program", installHint="Install the cloud's tools")
        with pytest.raises(Denied) as caught:
            await ask(access, Api(), FakeClock())
        assert (caught.value.reason, caught.value.advice) == ("Unauthorized", "Install the cloud's tools")


@contextlib.asynccontextmanager
async def tls_server(identity: Identity, trusted: Identity) -> AsyncIterator[str]:
    """A server that lets in who shows the trusted certificate."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()

    context = identity.context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(trusted.certificate)
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


class TestTls:
    @pytest.fixture
    def identities(self, tmp_path: Path) -> tuple[Identity, Identity]:
        for name in ("server", "client"):
            (tmp_path / name).mkdir()
        return make_identity(tmp_path / "server", "inner.example"), make_identity(tmp_path / "client")

    @pytest.mark.parametrize("inline", [True, False], ids=["in the kubeconfig", "in files"])
    async def test_a_client_certificate_is_shown(
        self, tmp_path: Path, identities: tuple[Identity, Identity], inline: bool
    ) -> None:
        server, client = identities
        user = {"client-certificate": str(client.certificate), "client-key": str(client.key)}
        if inline:
            user = {f"{key}-data": base64.b64encode(Path(path).read_bytes()).decode() for key, path in user.items()}
        await self.ask(tmp_path, server, client, user)

    async def test_a_plug_in_may_bring_one(self, tmp_path: Path, identities: tuple[Identity, Identity]) -> None:
        server, client = identities
        told = {"clientCertificateData": client.certificate.read_text(), "clientKeyData": client.key.read_text()}
        (tmp_path / "answer").write_text(json.dumps({"kind": "ExecCredential", "status": told}))
        user = {"exec": {"apiVersion": EXEC, "command": "cat", "args": [str(tmp_path / "answer")]}}
        await self.ask(tmp_path, server, client, user)

    async def test_without_one_nobody_is_let_in(self, tmp_path: Path, identities: tuple[Identity, Identity]) -> None:
        server, client = identities
        with pytest.raises(Temporary):
            await self.ask(tmp_path, server, client, {"token": "t"})

    async def test_the_name_of_the_certificate_may_be_another_than_the_host(
        self, tmp_path: Path, identities: tuple[Identity, Identity]
    ) -> None:
        server, client = identities
        user = {"client-certificate": str(client.certificate), "client-key": str(client.key)}
        await self.ask(tmp_path, server, client, user, {"tls-server-name": "inner.example"})
        with pytest.raises(Permanent, match="cannot be verified"):
            await self.ask(tmp_path, server, client, user, {"tls-server-name": "other.example"})

    async def test_a_certificate_that_nobody_knows_is_refused(
        self, tmp_path: Path, identities: tuple[Identity, Identity]
    ) -> None:
        server, client = identities
        with pytest.raises(Permanent, match="cannot be verified"):
            await self.ask(tmp_path, server, client, {}, {"certificate-authority": str(client.certificate)})

    async def test_a_token_that_cannot_be_sent_is_not_shown(
        self, tmp_path: Path, identities: tuple[Identity, Identity]
    ) -> None:
        server, client = identities
        user = {"client-certificate": str(client.certificate), "client-key": str(client.key), "token": "hun\nter2"}
        with pytest.raises(Permanent, match="Look for line breaks") as caught:
            await self.ask(tmp_path, server, client, user, {"tls-server-name": "inner.example"})
        assert "ter2" not in str(caught.value)

    async def ask(
        self,
        folder: Path,
        server: Identity,
        client: Identity,
        user: Mapping[str, Any],
        cluster: Mapping[str, Any] | None = None,
    ) -> None:
        async with tls_server(server, client) as url:
            said = {"server": url, "certificate-authority": str(server.certificate), **(cluster or {})}
            connection = connect(read_kubeconfig([written(folder / "config", user, said)]), FakeClock())
            try:
                assert await connection.send("GET", "/api") == {}
            finally:
                await connection.close()

    def test_a_certificate_without_its_key_is_told(self, tmp_path: Path, identities: tuple[Identity, Identity]) -> None:
        server, client = identities
        user = {"client-certificate": str(client.certificate), "client-key": str(server.key)}
        with pytest.raises(Invalid, match="client certificate"):
            connect(read_kubeconfig([written(tmp_path / "config", user)]), FakeClock())
