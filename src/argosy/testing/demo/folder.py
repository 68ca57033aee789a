"""The folder of a demo: where its parts keep their data, the ports it was given, and whether it runs now."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import bcrypt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from argosy.api.private_file import write_private
from argosy.errors import NotFound, Unavailable
from argosy.settings import Settings

IMAGE = "acme/web"


class Ports(BaseModel):
    """Ports of earlier runs, 0 where there is none. The registry's is part of every image's name, so it must stay."""

    model_config = ConfigDict(frozen=True)

    registry: int = Field(0, ge=0, le=65535)
    server: int = Field(0, ge=0, le=65535)


@dataclass(frozen=True, slots=True)
class Folder:
    """Where a demo lives. Everything it keeps is below `root`, an absolute path."""

    root: Path

    @property
    def server(self) -> Path:
        return self.root / "server"

    @property
    def kubeconfig(self) -> Path:
        return self.server / "kubeconfig"

    @property
    def key_file(self) -> Path:
        """Beside the server's data, never in it."""
        return self.root / "keys" / "encryption.keys"

    @property
    def password_hash(self) -> Path:
        """Of the admin who signs in on the demo's pages."""
        return self.root / "keys" / "admin.bcrypt"

    def password(self) -> str:
        """The password of that admin, which is made on the demo's first day. Raises Unavailable."""
        path = self.root / "keys" / "admin"
        try:
            return path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            made = secrets.token_urlsafe(9)
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_private(self.password_hash, bcrypt.hashpw(made.encode(), bcrypt.gensalt(10)))
            write_private(path, f"{made}\n".encode())
            return made
        except (OSError, UnicodeDecodeError) as error:
            raise Unavailable(f"{path} cannot be read", advice=f"Start afresh: remove {self.root}.") from error

    @property
    def registry(self) -> Path:
        return self.root / "registry"

    @property
    def repository(self) -> Path:
        return self.root / "git" / "config.git"

    @property
    def pipeline(self) -> Path:
        return self.root / "pipeline.yaml"

    @property
    def ports(self) -> Ports:
        """Raises Unavailable when the file that keeps them is damaged."""
        path = self.root / "ports.json"
        try:
            return Ports.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return Ports()
        except (OSError, ValidationError) as error:
            raise Unavailable(f"{path} cannot be read", advice=f"Start afresh: remove {self.root}.") from error

    def keep_ports(self, ports: Ports) -> None:
        draft = self.root / f".ports.{os.getpid()}"
        draft.write_text(ports.model_dump_json() + "\n")
        draft.replace(self.root / "ports.json")

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Hold the folder while the block runs. Raises Unavailable when another demo does, or it cannot be made."""
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            advice = "Choose another folder with --data."
            raise Unavailable(f"{self.root} cannot be used: {error.strerror}", advice=advice) from error
        try:
            if not _locked(lock):
                advice = "Use that one, or start another with --data and another folder."
                raise Unavailable(f"the demo in {self.root} runs already", advice=advice)
            yield
        finally:
            os.close(lock)

    @property
    def is_running(self) -> bool:
        try:
            lock = os.open(self._lock, os.O_RDWR)
        except OSError:
            return False
        try:
            return not _locked(lock)
        finally:
            os.close(lock)

    @property
    def _lock(self) -> Path:
        return self.root / "lock"


def _locked(lock: int) -> bool:
    """Lock an open file until it is closed; False when another process has."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def remember(folder: Folder) -> None:
    """Let `last` find this demo. Raises Unavailable."""
    path = _pointer()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(f"{folder.root}\n")
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}") from error


def last() -> Folder:
    """The demo of this user that was started last. Raises NotFound."""
    try:
        return Folder(Path(_pointer().read_text().strip()))
    except OSError:
        raise NotFound("no demo was started yet", advice="Start it in another terminal: `argosy demo`.") from None


def _pointer() -> Path:
    """Beside the contexts of the command line."""
    return Settings.of().config.with_name("demo")
