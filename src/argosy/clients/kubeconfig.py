"""The kubeconfig: which Kubernetes API server a context means, and who speaks to it. Also inside of a cluster."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from argosy.clients.kubernetes_connection import Server
from argosy.errors import Invalid, NotFound, suggestion

Data = Mapping[str, Any]

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where a Pod finds the token of its ServiceAccount."""

PLUG_IN_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")


@dataclass(frozen=True, slots=True)
class PlugIn:
    """A program that tells how to log in (`exec`), by the protocol `client.authentication.k8s.io`.

    Attributes:
        version: of the protocol.
        argv: the program and its arguments.
        environment: variables besides the process's own.
        directory: of the kubeconfig.
        cluster: whether it wants to be told which cluster is meant.
        hint: how to install it.
    """

    version: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    directory: Path
    cluster: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class User:
    """Who speaks: any of a token, a file that holds one and may change, a certificate, a password, a plug-in.

    Attributes:
        certificate, key: PEM, or the file that holds it.
        impersonated: headers that ask to act as somebody else.
    """

    token: str = field(default="", repr=False)
    token_file: Path | None = None
    certificate: bytes | Path | None = field(default=None, repr=False)
    key: bytes | Path | None = field(default=None, repr=False)
    password: tuple[str, str] | None = field(default=None, repr=False)
    plug_in: PlugIn | None = None
    impersonated: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """A server and who speaks to it; `source` says where that was found, for messages."""

    server: Server
    user: User
    source: str


def find_access(context: str = "", environment: Mapping[str, str] = os.environ, account: Path = ACCOUNT) -> Access:
    """The access that a context names; the current context when it is empty.

    Looks where kubectl looks: in the files of `KUBECONFIG`, else in `~/.kube/config`; where there is none, a Pod's own
    ServiceAccount is used.

    Raises NotFound when there is no such context or file, Invalid when a file cannot be understood.
    """
    named = [Path(part).expanduser() for part in environment.get("KUBECONFIG", "").split(os.pathsep) if part]
    home = Path(environment.get("HOME") or "~").expanduser()
    files = [path for path in named or [home / ".kube" / "config"] if path.is_file()]
    if files:
        return read_kubeconfig(files, context)
    if not context and environment.get("KUBERNETES_SERVICE_HOST"):
        return in_cluster(environment, account)
    sought = ", ".join(map(str, named)) or "~/.kube/config"
    raise NotFound(
        f"no kubeconfig was found: {sought}", advice="Name one with KUBECONFIG, or run Argosy inside of the cluster."
    )


def in_cluster(environment: Mapping[str, str] = os.environ, account: Path = ACCOUNT) -> Access:
    """The access of a Pod by its ServiceAccount. Raises NotFound when its files are missing."""
    host, port = environment["KUBERNETES_SERVICE_HOST"], environment.get("KUBERNETES_SERVICE_PORT") or "443"
    try:
        authority = (account / "ca.crt").read_text(encoding="ascii")
    except OSError as error:
        raise NotFound(
            f"the ServiceAccount of this Pod is missing: {account}: {error.strerror}",
            advice="Let its token be mounted: automountServiceAccountToken: true.",
        ) from error
    url = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
    return Access(Server(url, ca=authority), User(token_file=account / "token"), "the ServiceAccount of this Pod")


def read_kubeconfig(files: Sequence[Path], context: str = "") -> Access:
    """The access that a context of some files means; what comes first wins, as for kubectl. Raises as `find_access`."""
    merged: dict[str, dict[str, tuple[Data, Path]]] = {"contexts": {}, "clusters": {}, "users": {}}
    current = ""
    for path in files:
        content = _read(path)
        current = current or str(content.get("current-context") or "")
        for section, entries in merged.items():
            for entry in content.get(section) or ():
                inner = entry.get(section[:-1]) or {}
                entries.setdefault(str(entry.get("name")), (inner, path.parent))
    name = context or current
    where = ", ".join(map(str, files))
    if not name:
        raise NotFound(f"{where} has no current context", advice="Name one: kubernetes://CONTEXT.")
    chosen, _ = _entry(merged["contexts"], name, "context", where)
    cluster, cluster_folder = _entry(merged["clusters"], str(chosen.get("cluster")), "cluster", where)
    user, user_folder = (
        _entry(merged["users"], str(chosen["user"]), "user", where) if chosen.get("user") else ({}, Path())
    )
    source = f"context {name!r} of {where}"
    return Access(_server(cluster, cluster_folder, source), _user(user, user_folder, source), source)


def _read(path: Path) -> Data:
    try:
        content = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except OSError as error:
        raise NotFound(f"the kubeconfig {path} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError):
        # The fault is not told in full: it would show lines of the file, and it holds secrets.
        raise Invalid(f"the kubeconfig {path} is no YAML", advice="Run `kubectl config view` to see where.") from None
    if not isinstance(content, dict):
        raise Invalid(f"the kubeconfig {path} holds no object")
    for section in ("contexts", "clusters", "users"):
        entries = content.get(section) or []
        if not isinstance(entries, list) or not all(_is_entry(entry, section[:-1]) for entry in entries):
            raise Invalid(f"the kubeconfig {path} is wrong: {section} must be a list of objects with name")
    return content


def _is_entry(entry: object, inner: str) -> bool:
    return isinstance(entry, dict) and "name" in entry and isinstance(entry.get(inner) or {}, dict)


def _entry(entries: Mapping[str, tuple[Data, Path]], name: str, what: str, where: str) -> tuple[Data, Path]:
    found = entries.get(name)
    if found is None:
        raise NotFound(
            f"there is no {what} {name!r} in {where}",
            advice=suggestion(name, entries) or f"`kubectl config get-{what}s` lists them.",
        )
    return found


def _server(cluster: Data, folder: Path, source: str) -> Server:
    url = str(cluster.get("server") or "")
    if not url:
        raise Invalid(f"{source} names no server", advice="Set cluster.server.")
    authority = _content(cluster, "certificate-authority", folder, source)
    text = b"" if authority is None else authority if isinstance(authority, bytes) else _file(authority, source)
    return Server(
        url if "://" in url else f"https://{url}",
        ca=text.decode("ascii", "replace"),
        verify=not cluster.get("insecure-skip-tls-verify"),
        tls_name=str(cluster.get("tls-server-name") or ""),
        proxy=str(cluster.get("proxy-url") or ""),
    )


def _user(user: Data, folder: Path, source: str) -> User:
    if user.get("auth-provider"):
        raise Invalid(
            f"{source} logs in by an auth-provider, which Kubernetes gave up",
            advice="Have the cluster's own program write the kubeconfig anew: it uses `exec` today.",
        )
    token_file = user.get("tokenFile")
    named, password = user.get("username"), user.get("password")
    if not isinstance(user.get("as-groups") or [], list):
        raise Invalid(f"{source}: user.as-groups must be a list")
    asked = [("Impersonate-User", user.get("as")), ("Impersonate-Uid", user.get("as-uid"))]
    groups = [("Impersonate-Group", group) for group in user.get("as-groups") or ()]
    return User(
        token=str(user.get("token") or ""),
        token_file=folder / str(token_file) if token_file else None,
        certificate=_content(user, "client-certificate", folder, source),
        key=_content(user, "client-key", folder, source),
        password=(str(named), str(password or "")) if named else None,
        plug_in=_plug_in(user["exec"], folder, source) if user.get("exec") else None,
        impersonated=tuple((header, str(value)) for header, value in [*asked, *groups] if value),
    )


def _check_plug_in(given: object, source: str) -> None:
    """Raises Invalid for what is not of the shape of a plug-in."""
    if not isinstance(given, dict):
        raise Invalid(f"{source}: user.exec must be an object")
    arguments, variables = given.get("args") or [], given.get("env") or []
    if not isinstance(arguments, list):
        raise Invalid(f"{source}: user.exec.args must be a list")
    if not isinstance(variables, list) or not all(isinstance(each, dict) for each in variables):
        raise Invalid(f"{source}: user.exec.env must be a list of objects with name and value")


def _plug_in(given: Data, folder: Path, source: str) -> PlugIn:
    _check_plug_in(given, source)
    version, command = str(given.get("apiVersion") or ""), str(given.get("command") or "")
    if version not in PLUG_IN_VERSIONS:
        raise Invalid(
            f"{source} logs in by a plug-in of the protocol {version!r}", advice=f"Known is {PLUG_IN_VERSIONS[0]}."
        )
    if not command:
        raise Invalid(f"{source} names no program to log in with", advice="Set user.exec.command.")
    if given.get("interactiveMode") == "Always":
        raise Invalid(
            f"{source} logs in by a program that wants to ask somebody",
            advice="Argosy runs without a terminal: use a ServiceAccount's token.",
        )
    if os.sep in command:
        command = str(folder / command)
    return PlugIn(
        version,
        (command, *map(str, given.get("args") or ())),
        {str(entry.get("name")): str(entry.get("value")) for entry in given.get("env") or ()},
        folder,
        cluster=bool(given.get("provideClusterInfo")),
        hint=str(given.get("installHint") or "").strip(),
    )


def _content(holder: Data, name: str, folder: Path, source: str) -> bytes | Path | None:
    """What stands in the file itself, or the path of the file that holds it."""
    data, path = holder.get(f"{name}-data"), holder.get(name)
    if data:
        try:
            return base64.b64decode(str(data), validate=True)
        except binascii.Error:
            raise Invalid(f"{source}: {name}-data is no base64") from None
    return folder / str(path) if path else None


def _file(path: Path, source: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotFound(f"{source}: {path} cannot be read: {error.strerror}") from error
