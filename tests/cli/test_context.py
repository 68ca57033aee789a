"""Contexts: kept where only their owner can read them, and never shown with tokens."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from argosy.cli import command
from argosy.cli.connection import Connection
from argosy.cli.context import Context, Contexts, read, write
from argosy.errors import Denied, Invalid, NotFound

HOME = Context(name="home", server="https://127.0.0.1:1", ca="PEM", token="s3cret", project="demo")
AWAY = Context(name="away", server="https://argosy.example", token="other")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "conf" / "config.yaml"
    for name in ("ARGOSY_SERVER", "ARGOSY_TOKEN", "ARGOSY_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ARGOSY_CONFIG", str(path))
    write(path, Contexts(current="home", contexts=(HOME, AWAY)))
    return path


def config(*arguments: str) -> Result:
    return CliRunner().invoke(command, ("config", *arguments), prog_name="argosy")


def test_the_file_and_its_folder_are_for_their_owner_alone(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert read(path) == Contexts(current="home", contexts=(HOME, AWAY))
    assert os.listdir(path.parent) == ["config.yaml"], "no draft is left"


def test_a_file_that_others_can_read_is_refused(path: Path) -> None:
    path.chmod(0o640)
    with pytest.raises(Denied, match="chmod 600"):
        read(path)
    result = config("view")
    assert result.exit_code == 1
    assert "s3cret" not in result.output


def test_a_link_to_the_file_stays_a_link(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to(path)
    write(link, Contexts())
    assert link.is_symlink()
    assert read(path) == Contexts()


@pytest.mark.parametrize(
    "content",
    [
        b"[",
        b"\x80\x81",
        b"5",
        b"contexts: 5",
        b"contexts: [{server: x}]",
        b"a: !!python/object:os.system {}",
        b"#" * 2**21,
    ],
    ids=["no YAML", "bytes", "a number", "a wrong type", "a name missing", "code", "huge"],
)
def test_what_is_no_file_of_contexts_is_refused_and_not_echoed(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(Invalid, match="no file of contexts"):
        read(path)


def test_tokens_show_nowhere(path: Path) -> None:
    for arguments in (("view",), ("get-contexts",)):
        result = config(*arguments)
        assert result.exit_code == 0
        assert "s3cret" not in result.output
        assert "home" in result.output
    assert "s3cret" not in repr(HOME)
    assert "s3cret" not in repr(Connection().target())


def test_contexts_and_projects_are_switched(path: Path) -> None:
    assert config("get-project").stdout == "demo\n"
    assert config("use-context", "away").exit_code == 0
    assert config("set-project", "elsewhere").exit_code == 0
    assert config("get-project").stdout == "elsewhere\n"
    assert read(path).named("home") == HOME
    unknown = config("use-context", "none")
    assert unknown.exit_code == 1
    assert "Known are: home, away" in unknown.stderr


def test_a_token_goes_to_no_other_server_than_its_context_names(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Connection().target().token == "s3cret"
    assert Connection(server="https://127.0.0.1:1/").target().token == "s3cret"
    assert Connection(server="https://argosy.example").target().token == "other"
    for strange in (
        Connection(server="https://evil.example"),
        Connection(server="https://evil.example", context="home"),
    ):
        assert (strange.target().token, strange.target().ca) == ("", "")
    monkeypatch.setenv("ARGOSY_SERVER", "https://evil.example")
    assert Connection().target().token == ""
    monkeypatch.setenv("ARGOSY_TOKEN", "given")
    assert Connection().target().token == "given"


def test_the_project_of_another_server_is_not_assumed(path: Path) -> None:
    assert Connection().project == "demo"
    assert Connection(server="https://evil.example").default_project == ""


def test_without_any_server_the_advice_is_how_to_get_one(path: Path) -> None:
    path.unlink()
    with pytest.raises(NotFound, match="argosy up"):
        Connection().target()
