"""Builds the Kubernetes API server, its controllers and etcd that tests run, unless they are there: `make tools`.

No package ships these programs, but their sources are published as modules of Go. Where `KUBEBUILDER_ASSETS` names a
folder of them, as `setup-envtest` fills one, nothing is built.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from argosy.testing.cluster import PROGRAMS, VERSION, assets

MODULE = Path(__file__).parent / "kubernetes"
SOURCES = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
}
_NAMED = "k8s.io/component-base/version"


def main() -> None:
    target = assets()
    missing = [name for name in PROGRAMS if not (target / name).exists()]
    if not missing or "KUBEBUILDER_ASSETS" in os.environ:
        return
    if shutil.which("go") is None:
        sys.exit(
            f"{', '.join(missing)} cannot be built, as there is no `go`: install Go {_oldest_go()} or newer, or set "
            "KUBEBUILDER_ASSETS to a folder with these programs, such as one that setup-envtest fills"
        )
    target.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    print(f"building {', '.join(missing)} {VERSION}, once; this takes about a quarter of an hour on two cores")
    for name in missing:
        _build(name, target)
        print(f"built {target / name} after {time.monotonic() - begun:.0f} s", flush=True)
    _clean(target)


def _build(name: str, target: Path) -> None:
    major, minor = VERSION.removeprefix("v").split(".")[:2]
    named = {"gitVersion": VERSION, "gitMajor": major, "gitMinor": minor}
    flags = " ".join(["-s", "-w", *(f"-X {_NAMED}.{field}={value}" for field, value in named.items())])
    draft = target / f"{name}.draft"
    done = subprocess.run(
        ["go", "build", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", str(draft), SOURCES[name]],
        cwd=MODULE,
        env={**os.environ, **_caches(target), "CGO_ENABLED": "0"},
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"{name} could not be built; see above")
    draft.replace(target / name)


def _caches(target: Path) -> dict[str, str]:
    """Go's caches, three gigabytes, which nobody needs afterwards: the user's own, or one that is deleted."""
    if "GOCACHE" in os.environ or (Path.home() / ".cache" / "go-build").exists():
        return {}
    return {"GOCACHE": str(target / "build"), "GOMODCACHE": str(target / "modules"), "GOFLAGS": "-modcacherw"}


def _clean(target: Path) -> None:
    for folder in ("build", "modules"):
        shutil.rmtree(target / folder, ignore_errors=True)


def _oldest_go() -> str:
    found = re.search(r"^go (\S+)$", (MODULE / "go.mod").read_text(), re.MULTILINE)
    return found[1] if found else ""


if __name__ == "__main__":
    main()
