"""The `kustomize` program, or the one within `kubectl`: confined, without anybody's configuration or credentials.

It may read and change the tree that it is given and nothing else of this machine, and connect to port 443 only: remote
bases, remote resources and charts come over HTTPS, from public servers.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from argosy.clients import renderer
from argosy.clients.confinement import Confinement, is_enforced
from argosy.clients.git_environment import inherited
from argosy.clients.renderer import Bounds, Rendered
from argosy.errors import Permanent

_GIT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ALLOW_PROTOCOL": "https",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "GIT_LFS_SKIP_SMUDGE": "1",
}
_CLONE = "Fetch it by git-clone, which has the credentials of the Project, and name the folder."
_ADVICE = (
    (
        re.compile(r"terminal prompts disabled|Authentication failed"),
        f"Remote bases are read without a login. {_CLONE}",
    ),
    (
        re.compile(r"permission denied|not permitted|transport '\w+' not allowed"),
        f"A kustomization may name only files of the promotion, and addresses of https:// on port 443. {_CLONE}",
    ),
    (
        re.compile(r"certificate verif|failed to verify certificate", re.IGNORECASE),
        "Add its authority to the trusted ones (SSL_CERT_FILE).",
    ),
)


@dataclass(frozen=True, slots=True)
class Inflation:
    """What charts named by a kustomization are told of the cluster; empty is helm's default."""

    api_versions: Sequence[str] = ()
    kube_version: str = ""


@dataclass(frozen=True)
class Kustomize:
    """Renders kustomizations.

    Args:
        program: name on the PATH or path of a `kustomize` or `kubectl`; empty takes what there is, in this order.
        helm: the same of helm, for charts.
        bounds: what one rendering may take.
        turns: how many may run at once.
        ports: what it may connect to.
        confined: whether the kernel keeps it from the files of others. Where it does not, a kustomization may load no
            files from outside of its folder.
    """

    program: str = ""
    helm: str = "helm"
    bounds: Bounds = field(default_factory=Bounds)
    turns: asyncio.Semaphore = field(default_factory=renderer.turns, repr=False, compare=False)
    ports: tuple[int, ...] = (443,)
    confined: bool = field(default_factory=is_enforced)

    def command(self) -> list[str]:
        """How to build. Raises Permanent when there is neither program."""
        for name in (self.program,) if self.program else ("kustomize", "kubectl"):
            found = renderer.which(name)
            if found is not None:
                return [str(found), "kustomize" if found.name.startswith("kubectl") else "build"]
        raise Permanent(
            f"{self.program or 'neither kustomize nor kubectl'} was {'not ' if self.program else ''}found",
            advice="Install kustomize or kubectl where Argosy runs, on the PATH or named by ARGOSY_KUSTOMIZE.",
        )

    async def build(self, folder: Path, within: Path, inflation: Inflation) -> Rendered:
        """What the kustomization in `folder` renders to: documents separated by lines of `---`.

        Args:
            folder: holds the kustomization.
            within: the tree that holds all it may name.

        Raises:
            Permanent: it is wrong, reaches where it may not, takes too much, or no program is there.
            Temporary: it takes too long, or a server is out of reach.
        """
        helm = renderer.which(self.helm)
        argv = [*self.command(), *_flags(inflation, confined=self.confined)]
        if helm is not None:
            argv += ["--enable-helm", f"--helm-command={helm}"]
        with renderer.home() as home:
            authorities = _authorities()
            variables = {**_GIT, **authorities}
            run = renderer.Run("kustomize", home, folder, renderer.names(within, home), variables, self.turns)
            readable = [*map(Path, authorities.values()), *([helm] if helm else [])]
            allowed = Confinement(readable, [within, home], self.ports, self.bounds.memory)
            try:
                return await run([*argv, "--", str(folder)], allowed, self.bounds)
            except Permanent as error:
                raise _advised(error, helm is not None) from error


def _authorities() -> dict[str, str]:
    """For git, which fetches remote bases: whom everything else trusts."""
    return {name: value for name, value in inherited(os.environ).items() if name.startswith("GIT_SSL_")}


def _flags(inflation: Inflation, *, confined: bool) -> list[str]:
    flags = [f"--load-restrictor=LoadRestrictions{'None' if confined else 'RootOnly'}"]
    flags += [f'--helm-api-versions="{version}"' for version in inflation.api_versions]
    if inflation.kube_version:
        flags.append(f"--helm-kube-version={inflation.kube_version}")
    return flags


def _advised(error: Permanent, has_helm: bool) -> Permanent:
    if "must specify --enable-helm" in error.message and not has_helm:
        return Permanent(
            "the kustomization has charts, and helm was not found",
            advice="Install helm where Argosy runs, on the PATH or named by ARGOSY_HELM.",
        )
    found = next((advice for pattern, advice in _ADVICE if pattern.search(error.message)), "")
    return Permanent(error.message, advice=found) if found else error
