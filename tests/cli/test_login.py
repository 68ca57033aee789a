"""Logging in and out, by every way, at a real server with a real provider; and API tokens by command."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import bcrypt
import httpx2
import jwt
import pytest
import yaml
from tests.cli.conftest import Cli, Up, up

from argosy.cli.context import Context, Contexts, read, write
from argosy.cli.renewal import renew
from argosy.cli.sso import _answer
from argosy.errors import Denied
from argosy.testing.clock import FakeClock
from argosy.testing.oidc.provider import CLI, CLIENT, Running, oidc_provider

SECONDS = 20
"""That ID tokens are good for: less than what is left when they are renewed, so that each command renews them."""


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    with oidc_provider(["https://127.0.0.1/auth/callback"], seconds=SECONDS) as running:
        yield running


@pytest.fixture(scope="module")
def house(provider: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    root = tmp_path_factory.mktemp("login")
    (root / "hash").write_bytes(bcrypt.hashpw("sesame ö".encode(), bcrypt.gensalt(4)))
    settings = {
        "--admin-password-hash-file": f"{root}/hash",
        "--oidc-issuer": provider.issuer,
        "--oidc-client-id": CLIENT,
        "--oidc-cli-client-id": CLI,
        "--oidc-scopes": "groups",
        "--oidc-admins": '{"groups": ["platform"]}',
    }
    with up(root, *(word for pair in settings.items() for word in pair)) as running:
        yield running


@pytest.fixture
def cli(house: Up, tmp_path: Path) -> Cli:
    """Commands of somebody who is not logged in anywhere, and trusts the server."""
    made = Cli(house.root)
    made.environment |= {"ARGOSY_CONFIG": str(tmp_path / "config.yaml")}
    ca = (house.root / "data" / "tls" / "ca.crt").read_text()
    write(
        tmp_path / "config.yaml", Contexts(current="there", contexts=(Context(name="there", server=house.url, ca=ca),))
    )
    return made


def kept(cli: Cli) -> Context:
    contexts = read(Path(cli.environment["ARGOSY_CONFIG"]))
    return contexts.named(contexts.current)


def by_browser(cli: Cli, *arguments: str, hint: str = "jane") -> tuple[int, str, httpx2.Response]:
    """Log in while a browser goes where the command says; the command's code and output, and what the browser sees."""
    process = cli.start("login", "--sso", "--no-browser", *arguments)
    assert process.stdout is not None
    shown = ""
    while not (found := re.search(r"http\S+\s", shown)):
        line = process.stdout.readline()
        assert line, shown
        shown += line
    with httpx2.Client(follow_redirects=True, trust_env=False, verify=False) as browser:
        seen = browser.get(httpx2.URL(found[0].strip()).copy_merge_params({"login_hint": hint}))
    output, _ = process.communicate(timeout=30)
    return process.returncode, output, seen


def test_by_a_browser_and_out_again(cli: Cli) -> None:
    code, output, seen = by_browser(cli)
    assert (code, seen.status_code) == (0, 200), output
    assert "as email:jane@example.com (context 'there')" in output
    assert "You are signed in" in seen.text
    first = kept(cli)
    assert (first.login, bool(first.refresh_token)) == ("sso", True)
    assert cli("get", "projects").exit_code == 0, "the claims made her an admin"
    second = kept(cli)
    assert first.refresh_token != second.refresh_token, "it was renewed, and the old refresh token is of no more use"
    shown = cli("config", "view").output
    assert yaml.safe_load(shown)["contexts"][0]["refresh_token"] == "REDACTED"
    assert second.token not in shown
    assert cli("logout").output == f"logged out of {second.server}\n"
    assert (kept(cli).token, kept(cli).refresh_token) == ("", "")
    assert "Run `argosy login`" in cli("get", "projects").output
    write(Path(cli.environment["ARGOSY_CONFIG"]), Contexts(current="there", contexts=(second,)))
    assert "your login has expired" in cli("get", "projects").output, "the provider took it back"


def test_what_the_provider_refuses_is_told(cli: Cli) -> None:
    code, output, seen = by_browser(cli, hint="nobody")
    assert (code, kept(cli).token) == (1, "")
    assert "the identity provider refused: <b>nobody</b> may not" in output
    assert "nobody" not in seen.text


def test_as_the_admin(cli: Cli) -> None:
    wrong = cli("login", "--admin", "--stdin", stdin="sesame\n")
    assert (wrong.exit_code, "invalid password" in wrong.output) == (1, True)
    assert "nothing was given" in cli("login", "--admin", "--stdin", stdin="\n").output
    typed = cli("login", "--admin", stdin="sesame ö\n")
    assert (typed.exit_code, "as admin" in typed.output, "sesame" in typed.output) == (0, True, False)
    assert cli("get", "projects").exit_code == 0
    assert "as admin" in cli("login", "--stdin", stdin="sesame ö\n").output, "the way of last time"


def test_with_an_api_token_that_is_then_deleted(cli: Cli) -> None:
    cli("login", "--admin", "--stdin", stdin="sesame ö\n")
    cli("create", "project", "tokens")
    account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: reader, namespace: tokens}\n"
    assert cli("apply", "-f", "-", stdin=account).exit_code == 0
    made = cli("token", "create", "ci", "--role", "reader", "-p", "tokens", "--expires-in", "720h")
    token = made.stdout.strip()
    assert token.startswith("argosy_")
    assert "not shown again" in made.stderr
    listed = cli("token", "list", "-p", "tokens")
    assert re.search(r"ci +reader +20\d\d-", listed.output)
    for command in (["list"], ["get", "ci"]):
        assert token not in cli("token", *command, "-p", "tokens", "-o", "json").output
    used = cli("login", kept(cli).server, "--token", "--stdin", "--name", "robot", stdin=f"{token}\n")
    assert "as kubernetes:system:serviceaccount:tokens:reader (context 'robot')" in used.output
    assert "is forbidden" in cli("get", "stages", "-p", "tokens").output, "its role allows nothing"
    gone = cli("token", "delete", "ci", "nobody", "-p", "tokens", "--context", "there")
    assert (gone.exit_code, "'ci' deleted" in gone.output, '"nobody" not found' in gone.output) == (1, True, True)
    assert "invalid token" in cli("get", "stages", "-p", "tokens").output
    system = cli("token", "create", "ci", "--role", "kargo-viewer", "--system", "--context", "there", "-o", "name")
    assert system.output == "secret/ci\n"
    assert "cannot be used" in cli("token", "list", "--system", "-p", "tokens").output


def test_with_a_kubeconfig(cli: Cli, house: Up, tmp_path: Path) -> None:
    done = cli("login", "--kubeconfig", KUBECONFIG=str(house.kubeconfig))
    assert (done.exit_code, "as admin" in done.output) == (0, True), done.output
    config = yaml.safe_load(house.kubeconfig.read_text())
    config["users"][0]["user"] = {"username": "jane", "password": "secret"}
    (tmp_path / "other").write_text(yaml.safe_dump(config))
    refused = cli("login", "--kubeconfig", KUBECONFIG=str(tmp_path / "other"))
    assert (refused.exit_code, "has no token" in refused.output, "secret" in refused.output) == (1, True, False)


def test_at_a_server_that_is_new(cli: Cli, house: Up, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").unlink()
    url, ca = house.url, str(house.root / "data" / "tls" / "ca.crt")
    assert "no server is named" in cli("login").output
    assert "cannot be verified" in cli("login", url, "--admin", "--stdin", stdin="sesame ö\n").output
    host = url.removeprefix("https://")
    done = cli("login", host, "--admin", "--stdin", "--certificate-authority", ca, stdin="sesame ö\n")
    assert (done.exit_code, kept(cli).name, bool(kept(cli).ca)) == (0, host, True), done.output
    assert ((tmp_path / "config.yaml").stat().st_mode & 0o777) == 0o600
    assert cli("get", "projects").exit_code == 0
    insecure = cli("login", url, "--admin", "--stdin", "--insecure-skip-tls-verify", stdin="sesame ö\n")
    assert (insecure.exit_code, kept(cli).insecure) == (0, True)


def test_many_commands_renew_a_login_once(cli: Cli) -> None:
    by_browser(cli)
    running = [cli.start("get", "projects") for _ in range(3)]
    outputs = [process.communicate(timeout=60)[0] for process in running]
    assert [process.returncode for process in running] == [0] * 3, outputs


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /auth/callback?state=right&code=x HTTP/1.1", b"200"),
        (b"GET /auth/callback?state=right&error=denied HTTP/1.1", b"200"),
        (b"GET /auth/callback?state=wrong&code=x HTTP/1.1", b"400"),
        (b"GET /auth/callback?code=x HTTP/1.1", b"400"),
        (b"GET / HTTP/1.1", b"400"),
        (b"GET http://[ HTTP/1.1", b"400"),
        (b"POST /auth/callback?state=right&code=x HTTP/1.1", b"400"),
        (b"\xff\xfe", b"400"),
        (b"", b"400"),
    ],
)
async def test_only_the_browser_that_was_sent_is_listened_to(head: bytes, status: bytes) -> None:
    coming: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    answer = _answer(head + b"\r\n\r\n", "right", coming)
    assert answer.split(b" ")[1] == status
    assert coming.done() == (status == b"200")
    if coming.done() and coming.exception() is None:
        assert b"400" in _answer(head + b"\r\n\r\n", "right", coming), "a second one is not"


async def test_a_login_that_nothing_renews_expires(tmp_path: Path) -> None:
    clock = FakeClock()
    token = jwt.encode({"exp": clock.now() + timedelta(seconds=60)}, "k" * 32, "HS256")
    context = Context(name="there", server="https://127.0.0.1:9", token=token)
    await renew(context, clock)
    await clock.advance(60)
    with pytest.raises(Denied, match="expired"):
        await renew(context, clock)
    for lasting in (None, replace_token(context, "argosy_x"), replace_token(context, "")):
        await renew(lasting, clock)


def replace_token(context: Context, token: str) -> Context:
    return context.model_copy(update={"token": token})
