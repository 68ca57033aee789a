"""The Dockerfile: what it copies suffices to build, what it fetches is pinned, it runs without rights."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import click
import yaml
from tests.chart.installed_case import CHART

from argosy.cli import command

ROOT = Path(__file__).parents[2]
FILE = ROOT / "deploy" / "Dockerfile"


@dataclass(frozen=True)
class Instruction:
    """One line, continued lines joined: `name`, and the rest."""

    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        return json.loads(self.rest) if self.rest.startswith("[") else shlex.split(self.rest)


def instructions() -> list[Instruction]:
    lines = [line for line in FILE.read_text().splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [Instruction(*line.split(None, 1)) for line in joined.splitlines()]


def of(name: str) -> list[Instruction]:
    return [each for each in instructions() if each.name == name]


def last(name: str) -> Instruction:
    """Of the last stage: what the image has."""
    return of(name)[-1]


def copied() -> list[tuple[list[str], str]]:
    """What is taken from the repository, and where it goes."""
    found = [each.words for each in of("COPY") if not each.rest.startswith("--from")]
    return [(words[:-1], words[-1]) for words in found]


def test_every_instruction_is_one() -> None:
    known = {"FROM", "ENV", "RUN", "WORKDIR", "COPY", "USER", "VOLUME", "EXPOSE", "ENTRYPOINT", "CMD"}
    assert {each.name for each in instructions()} <= known


def test_base_images_and_what_is_fetched_are_pinned() -> None:
    for each in of("FROM"):
        assert re.match(r"[a-z]+:\d+\.\d+(\.\d+)?-[a-z-]+( AS [a-z]+)?$", each.rest), each.rest
    for each in of("RUN"):
        for module in re.findall(r"go install .*?(\S+@\S+)", each.rest):
            assert re.search(r"@v\d+\.\d+\.\d+$", module), module
        for install in re.findall(r"pip install [^&]*", each.rest):
            assert "--require-hashes" in install or "--no-index" in install, install
        assert "curl" not in each.rest


def test_copied_from_other_stages_is_what_they_made() -> None:
    stages = {name for each in of("FROM") if (name := each.rest.partition(" AS ")[2])}
    for each in of("COPY"):
        if found := re.match(r"--from=(\S+)", each.rest):
            assert found[1] in stages
    programs = " ".join(each.rest for each in of("RUN"))
    for program in ("git", "git-lfs", "gnupg", "openssh-client", "tini", "/cmd/helm@", "/kustomize/v5@"):
        assert program in programs


def test_it_runs_as_the_user_and_on_the_ports_of_the_chart() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    deployment = (CHART / "templates" / "deployment.yaml").read_text()
    user, group = last("USER").rest.split(":")
    assert f"runAsUser: {user}\n" in deployment
    assert f"runAsGroup: {group}\n" in deployment
    assert f"--uid {user}" in last("RUN").rest
    ports = {values[name]["port"] for name in ("api", "metrics", "webhooks")}
    assert {int(port) for port in last("EXPOSE").words} == ports
    mounted = set(re.findall(r"name: (?:data|tmp), mountPath: (\S+)}", deployment))
    assert mounted == set(last("VOLUME").words)


def test_what_it_starts_is_a_command_of_ours() -> None:
    *_, program = last("ENTRYPOINT").words
    assert program == "argosy"
    name, *arguments = last("CMD").words
    found = command.get_command(click.Context(command), name)
    assert found is not None
    found.make_context(name, arguments)
    deployment = (CHART / "templates" / "deployment.yaml").read_text()
    assert f"args: [{name}]" in deployment


def test_what_it_copies_suffices_to_build_the_wheel(tmp_path: Path) -> None:
    """The same command, with nothing but what is copied."""
    ignored = (FILE.parent / "Dockerfile.dockerignore").read_text().splitlines()
    context = tmp_path / "src"
    for sources, target in copied():
        for source in sources:
            assert (ROOT / source).exists(), source
            assert ignored[0] == "*"
            assert f"!{source.partition('/')[0]}" in ignored, f"{source} does not reach the build"
            place = context / target / Path(source).name if target.endswith("/") else context / target
            place.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / source).is_dir():
                shutil.copytree(
                    ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__", "node_modules", "screenshots")
                )
            else:
                shutil.copy(ROOT / source, place)
    (build,) = (found for each in of("RUN") for found in re.findall(r"pip wheel [^&]*", each.rest))
    arguments = shlex.split(build.replace("/wheel", str(tmp_path / "wheel")))[1:]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments],
        cwd=context,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "wheel").glob("argosy-*.whl")
    with zipfile.ZipFile(wheel) as package:
        names = package.namelist()
        entry = next(name for name in names if name.endswith("entry_points.txt"))
        assert "argosy = argosy.cli:main" in package.read(entry).decode()
    assert "argosy/clients/confined.py" in names
    assert any(name.startswith("argosy/store/migrations/versions/") for name in names)
