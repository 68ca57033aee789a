"""Contexts: the servers that commands can speak to, in one file that only its owner can read."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from argosy.api.private_file import write_private
from argosy.errors import Denied, Invalid, NotFound, Problem
from argosy.settings import Settings

MOST_BYTES = 1 << 20


class Context(BaseModel):
    """One server, and how to speak to it."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(min_length=1)
    server: str
    ca: str = Field("", description="Certificate of the authority to trust, as PEM text.")
    token: str = Field("", repr=False)
    refresh_token: str = Field("", repr=False, description="Renews the token, where a provider gave it.")
    login: str = Field("", description="How the token was had: admin, sso, kubeconfig or token.")
    insecure: bool = Field(False, description="Whether any certificate of the server is accepted.")
    project: str = ""


class Contexts(BaseModel):
    """All contexts; `current` names the one that is used when nothing else is said."""

    model_config = ConfigDict(frozen=True, validate_by_name=True, validate_by_alias=True)

    current: str = Field("", alias="current-context")
    contexts: tuple[Context, ...] = ()

    def named(self, name: str) -> Context:
        """Raises NotFound."""
        for context in self.contexts:
            if context.name == name:
                return context
        known = ", ".join(context.name for context in self.contexts) or "none"
        raise NotFound(f"there is no context {name!r}", advice=f"Known are: {known}.")

    def with_context(self, context: Context) -> Contexts:
        """With `context` added, or in the place of the one of its name."""
        others = tuple(other for other in self.contexts if other.name != context.name)
        return self.model_copy(update={"contexts": (*others, context)})


def default_path() -> Path:
    """The file that ARGOSY_CONFIG names, or the one in the user's configuration folder."""
    name = "ARGOSY_CONFIG"
    return Settings.of({name: os.environ.get(name, "")}).config


def read(path: Path) -> Contexts:
    """The contexts in a file; none when it does not exist.

    Raises Denied when others could read the file, or it cannot be read; Invalid when it is no file of contexts.
    """
    try:
        with path.open("rb") as file:
            _private(path, os.fstat(file.fileno()))
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return Contexts()
    except OSError as error:
        raise Denied(f"{path} cannot be read: {error.strerror}", advice="Check ARGOSY_CONFIG.") from None
    try:
        if len(content) > MOST_BYTES:
            raise ValueError(f"it is longer than {MOST_BYTES} bytes")
        return Contexts.model_validate(yaml.load(content, Loader=yaml.CSafeLoader) or {})
    except ValidationError as error:
        raise Invalid(f"{path} is no file of contexts", _problems(error), advice="Correct or remove it.") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        place = getattr(error, "problem_mark", None)
        line = place.line + 1 if place else 0
        told = getattr(error, "problem", None) or type(error).__name__
        raise Invalid(f"{path} is no file of contexts", [Problem(str(told), line=line)]) from None


def write(path: Path, contexts: Contexts) -> None:
    """Replace the file in one step; only its owner can read it. Raises Denied when it cannot be written."""
    text = yaml.safe_dump(contexts.model_dump(by_alias=True), sort_keys=False, allow_unicode=True)
    try:
        write_private(path.resolve(), text.encode())
    except OSError as error:
        raise Denied(f"{path} cannot be written: {error.strerror}", advice="Check the folder's owner.") from None


def _private(path: Path, status: os.stat_result) -> None:
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise Denied(
            f"{path} holds tokens and can be read by other users of this machine",
            advice=f"Run `chmod 600 {path}`; if others may have read it, renew the tokens.",
        )


def _problems(error: ValidationError) -> list[Problem]:
    faults: list[Any] = error.errors(include_url=False, include_input=False)
    return [Problem(fault["msg"], ".".join(str(part) for part in fault["loc"])) for fault in faults]
