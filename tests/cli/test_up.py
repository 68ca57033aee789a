"""`argosy up`: one line when it serves, files that only its owner can read, a clean end."""

from __future__ import annotations

import signal
import stat
import subprocess
from pathlib import Path

import pytest
import yaml
from tests.cli.conftest import PROGRAM, Cli, Up, environment, up


def test_prints_exactly_one_line_with_ready_and_its_url(tmp_path: Path) -> None:
    with up(tmp_path) as running:
        assert running.line.startswith("argosy is ready at https://127.0.0.1:")
        assert running.end() == 0
        assert running.process.stdout is not None
        assert running.process.stdout.read() == ""


def test_ends_cleanly_on_interrupt(tmp_path: Path) -> None:
    with up(tmp_path) as running:
        assert running.end(signal.SIGINT) == 0


def test_comes_back_from_a_kill_with_everything_it_had(tmp_path: Path) -> None:
    cli = Cli(tmp_path)
    manifest = "apiVersion: kargo.akuity.io/v1alpha1\nkind: Project\nmetadata: {name: kept}\n"
    with up(tmp_path) as first:
        assert cli("apply", "-f", "-", stdin=manifest).exit_code == 0
        assert cli("config", "set-project", "kept").exit_code == 0
        first.end(signal.SIGKILL)
    gone = cli("get", "projects")
    assert gone.exit_code == 1
    assert "Is the server running?" in gone.stderr
    with up(tmp_path) as second:
        assert "kept" in cli("get", "projects").stdout
        assert cli("config", "get-project").stdout == "kept\n", "the context's Project outlives a restart"
        assert second.end() == 0


def test_the_same_user_needs_no_login_and_others_are_refused(server: Up, cli: Cli, tmp_path: Path) -> None:
    for path in (server.kubeconfig, server.root / "conf" / "config.yaml"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert cli("get", "projects").exit_code == 0
    stranger = cli("get", "projects", "--server", server.url, "--insecure-skip-tls-verify", ARGOSY_CONFIG=str(tmp_path))
    assert stranger.exit_code == 1
    other = str(tmp_path / "none.yaml")
    refused = cli("get", "projects", "--server", server.url, "--insecure-skip-tls-verify", ARGOSY_CONFIG=other)
    assert refused.exit_code == 1
    assert "ARGOSY_TOKEN" in refused.stderr
    distrusted = cli("get", "projects", "--server", server.url, ARGOSY_CONFIG=other)
    assert distrusted.exit_code == 1
    assert "--certificate-authority" in distrusted.stderr


def test_a_token_from_the_environment_lets_in(server: Up, cli: Cli, tmp_path: Path) -> None:
    context = yaml.safe_load((server.root / "conf" / "config.yaml").read_text())["contexts"][0]
    (tmp_path / "ca.pem").write_text(context["ca"])
    result = cli(
        "get", "projects", "--certificate-authority", str(tmp_path / "ca.pem"),
        ARGOSY_SERVER=server.url, ARGOSY_TOKEN=context["token"], ARGOSY_CONFIG=str(tmp_path / "none.yaml"),
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--listen", "nowhere"), "Write host:port"),
        (("--least-interval", "soon"), "ARGOSY_LEAST_INTERVAL"),
        (("--store", "oracle://x"), "oracle"),
        (("--data", __file__), "Name a folder"),
        (("--data", f"{__file__}/below"), "Name a folder"),
    ],
    ids=[
        "an address that is none",
        "a setting of the wrong type",
        "a store of an unknown kind",
        "data in a file",
        "data below a file",
    ],
)
def test_what_is_wrong_is_told_with_advice(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    done = subprocess.run(
        [PROGRAM, "up", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0", *arguments],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("name", ["logs", "pool", "token", "tls", "workspaces"])
def test_a_file_in_the_way_is_named(tmp_path: Path, name: str) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / name).touch(mode=0o600)
    done = subprocess.run(
        [PROGRAM, "up", "--data", str(data), "--listen", "127.0.0.1:0"],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert str(data / name) in done.stderr


def test_a_second_server_on_the_same_data_is_refused(server: Up) -> None:
    done = subprocess.run(
        [PROGRAM, "up", "--data", str(server.root / "data"), "--listen", "127.0.0.1:0"],
        env=environment(server.root),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
