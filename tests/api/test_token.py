from __future__ import annotations

import stat
from pathlib import Path

import pytest
import yaml

from argosy.api.kubeconfig import write_kubeconfig
from argosy.api.token import ensure_token
from argosy.errors import Unavailable


def test_a_token_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "data" / "token"
    token = ensure_token(path)
    assert len(token) >= 43
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert ensure_token(path) == token


def test_a_token_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "token"
    ensure_token(path)
    path.chmod(0o644)
    with pytest.raises(Unavailable, match="other users"):
        ensure_token(path)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_an_unusable_token_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "token"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(Unavailable, match="Remove the file"):
        ensure_token(path)


def test_a_kubeconfig_carries_everything_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text("an older one")
    path.chmod(0o644)
    write_kubeconfig(path, "https://127.0.0.1:1", b"PEM", "secret")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [item.name for item in tmp_path.iterdir()] == ["kubeconfig"]
    found = yaml.safe_load(path.read_text())
    assert found["clusters"][0]["cluster"] == {
        "server": "https://127.0.0.1:1",
        "certificate-authority-data": "UEVN",
    }
    assert found["users"][0]["user"] == {"token": "secret"}
    assert found["current-context"] == found["contexts"][0]["name"]
