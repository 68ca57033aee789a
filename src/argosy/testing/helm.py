"""The real helm, versions 3 and 4, charts to give it, and a chart repository that asks for a password."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import os
import re
import shutil
import subprocess
import tarfile
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from platformdirs import user_cache_path
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from argosy.testing.serving import serving

MAJORS = (3, 4)
_SECONDS = 30


def tools_folder() -> Path:
    """Where `make tools` puts programs: `ARGOSY_TOOLS`, or a folder of the user's cache."""
    return Path(os.environ.get("ARGOSY_TOOLS") or user_cache_path("argosy") / "tools")


def helm(major: int) -> Path:
    """A helm of that version. Raises FileNotFoundError, with advice, when there is none: never a reason to skip."""
    fetched = tools_folder() / f"helm-{major}" / "helm"
    if fetched.exists():
        return fetched
    found = shutil.which("helm")
    if found is not None and _major(found) == major:
        return Path(found)
    raise FileNotFoundError(f"helm {major} is missing: run `make tools`, or put it on the PATH")


def helm_or_advice(major: int) -> str:
    """The same as a name; when there is none, one that no program has, so that only what needs helm fails."""
    try:
        return str(helm(major))
    except FileNotFoundError as error:
        return str(error)


def _major(program: str) -> int:
    done = subprocess.run([program, "version"], capture_output=True, text=True, timeout=_SECONDS, check=False)
    version = re.search(r'Version:"v(\d+)\.', done.stdout)
    return int(version[1]) if version else 0


def chart_files(name: str, version: str, **more: str) -> dict[str, str]:
    """The files of a small chart: one ConfigMap that tells release, version and `values.greeting`.

    `more` adds files; their names have `__` for `/` and end in `.yaml`.
    """
    config_map = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-{{ .Chart.Name }}\n"
        "data:\n  version: {{ .Chart.Version | quote }}\n  greeting: {{ .Values.greeting | quote }}\n"
    )
    files = {
        "Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: {version}\n",
        "values.yaml": "greeting: hello\n",
        "templates/config.yaml": config_map,
    }
    return files | {path.replace("__", "/") + ".yaml": content for path, content in more.items()}


def chart_archive(name: str, version: str, **more: str) -> bytes:
    """The same chart packed; the same bytes each time."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, content in chart_files(name, version, **more).items():
            info = tarfile.TarInfo(f"{name}/{path}")
            info.size = len(content.encode())
            archive.addfile(info, io.BytesIO(content.encode()))
    return gzip.compress(packed.getvalue(), mtime=0)


@dataclass
class ChartRepository:
    """A classic chart repository on loopback. `charts` holds archives by name and version.

    Attributes:
        user, password: what clients must say; empty for everyone.
        seen: path and `Authorization` of every request.
        answers: the status of every answer.
    """

    charts: dict[tuple[str, str], bytes] = field(default_factory=dict)
    user: str = ""
    password: str = ""
    seen: list[tuple[str, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    url: str = ""

    def add(self, name: str, version: str, **more: str) -> None:
        self.charts[name, version] = chart_archive(name, version, **more)

    @contextlib.asynccontextmanager
    async def serve(self) -> AsyncIterator[ChartRepository]:
        """Serve until the block ends; `url` is then known."""
        async with serving(self._app) as url:
            self.url = f"{url}/charts"
            yield self

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        login = request.headers.get("authorization", "")
        self.seen.append((request.url.path, login))
        wanted = "Basic " + b64encode(f"{self.user}:{self.password}".encode()).decode()
        if self.user and login != wanted:
            response = Response(status_code=401, headers={"WWW-Authenticate": 'Basic realm="charts"'})
        else:
            content = self._content(request.url.path.removeprefix("/charts/"))
            tag = f'"{hashlib.sha256(content or b"").hexdigest()}"'
            known = content is not None and request.headers.get("if-none-match") == tag
            status = 404 if content is None else 304 if known else 200
            response = Response(b"" if known else content or b"", status_code=status, headers={"ETag": tag})
        self.answers.append(response.status_code)
        await response(scope, receive, send)

    def _content(self, path: str) -> bytes | None:
        if path == "index.yaml":
            return self._index()
        return next((content for chart, content in self.charts.items() if path == _file(*chart)), None)

    def _index(self) -> bytes:
        entries: dict[str, list[Mapping[str, object]]] = {}
        for (name, version), content in self.charts.items():
            digest = hashlib.sha256(content).hexdigest()
            about = {"apiVersion": "v2", "name": name, "version": version, "digest": digest}
            entries.setdefault(name, []).append({**about, "urls": [_file(name, version)]})
        return yaml.safe_dump({"apiVersion": "v1", "entries": entries}).encode()


def push_chart(registry: str, archive: bytes, name: str) -> None:
    """Push a packed chart to `oci://REGISTRY/charts`, a registry on loopback that lets everyone in."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.tgz"
        file.write_bytes(archive)
        argv = [str(helm(3)), "push", str(file), f"oci://{registry}/charts", "--plain-http"]
        environment = {"HOME": folder, "PATH": os.environ.get("PATH", "")}
        subprocess.run(argv, env=environment, capture_output=True, timeout=_SECONDS, check=True)


def _file(name: str, version: str) -> str:
    return f"{name}-{version}.tgz"
