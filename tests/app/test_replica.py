"""Data folders: each for one server, which keeps its name."""

from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest

from argosy.app.replica import replica
from argosy.errors import Unavailable


def test_a_server_keeps_its_name_and_another_folder_is_another_server(tmp_path: Path) -> None:
    with replica(tmp_path / "a") as first:
        pass
    with replica(tmp_path / "a") as again, replica(tmp_path / "b") as other:
        assert first == again != other
        assert first.startswith(f"{socket.gethostname()}_")


def test_a_folder_is_for_one_server_at_a_time(tmp_path: Path) -> None:
    with (
        replica(tmp_path),
        pytest.raises(Unavailable, match="in use by another process"),
        replica(tmp_path),
    ):
        pass


def test_a_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    with replica(tmp_path / "data"):
        assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "data" / "replica").stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "data" / "replica").mkdir(parents=True)
    for path in (tmp_path / "file", tmp_path / "data"):
        with pytest.raises(Unavailable, match=str(path)), replica(path):
            pass
