"""Installs the OpenID Connect provider that tests sign in with, by npm, unless it is there: `make tools`."""

from __future__ import annotations

import shutil
import subprocess
import sys

from argosy.testing.oidc.provider import FOLDER, installed


def main() -> None:
    target = installed()
    if (target / "node_modules" / "oidc-provider").is_dir():
        return
    if not shutil.which("npm"):
        sys.exit("tests sign in with a provider that npm installs: install Node.js 20 or newer with npm")
    target.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(FOLDER / name, target / name)
    npm = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    if subprocess.run(npm, cwd=target, check=False).returncode != 0:
        shutil.rmtree(target)
        sys.exit("npm cannot install oidc-provider; see what it says above")
    print(f"installed {target}")


if __name__ == "__main__":
    main()
