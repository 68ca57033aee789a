"""`argosy schema`: what editors are given accepts what the server accepts, and refuses what people mistype."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from click.testing import CliRunner, Result

from argosy.cli import command
from argosy.lint import editor
from argosy.resources.kinds import KINDS
from argosy.resources.manifest import parse_manifests
from argosy.steps.catalogue import STEPS

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "tests" / "resources" / "examples"
ALL = jsonschema.Draft7Validator(editor.of_all())
STAGE = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: dev, namespace: shop, labels: {a: b}}
spec:
  requestedFreight:
    - origin: {kind: Warehouse, name: web}
      sources: {direct: true}
  promotionTemplate:
    spec:
      steps:
        - uses: git-clone
          config:
            repoURL: https://github.com/shop/config
            checkout: [{path: out, create: "${{ vars.create }}"}]
        - uses: not-ours
          config: {anything: [1]}
"""


def schema(*arguments: str) -> Result:
    return CliRunner().invoke(command, ["schema", *arguments])


def faults(text: str) -> list[str]:
    return [error.message for error in ALL.iter_errors(yaml.safe_load(text))]


@pytest.mark.parametrize("name", [*(kind.singular for kind in KINDS.values()), *STEPS, "", "stages", "PromotionTask"])
def test_every_schema_is_one(name: str) -> None:
    result = schema(name) if name else schema()
    jsonschema.Draft7Validator.check_schema(json.loads(result.stdout))
    assert result.exit_code == 0


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_our_examples_are_accepted(path: Path) -> None:
    manifests, _ = parse_manifests(path.read_bytes())
    assert manifests
    assert [error.message for each in manifests for error in ALL.iter_errors(each.document)] == []


def test_what_the_page_of_templates_shows_is_accepted() -> None:
    page = (ROOT / "docs" / "reference" / "promotion-templates.md").read_text(encoding="utf-8")
    shown = [
        each for block in re.findall(r"^```yaml\n(.*?)^```", page, re.DOTALL | re.M) for each in block.split("---\n")
    ]
    assert len(shown) > 5
    assert [fault for each in shown for fault in faults(each)] == []


def test_a_stage_is_accepted_with_expressions_for_values_of_any_type() -> None:
    assert faults(STAGE) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("kind: Stage", "kind: Stge"),
        ("requestedFreight", "requestedfreight"),
        ("direct: true", "direct: yes please"),
        ("checkout: [", "checkouts: ["),
        ('create: "${{ vars.create }}"', "create: maybe"),
        ("path: out, ", ""),
        ("kargo.akuity.io/v1alpha1", "kargo.akuity.io/v1"),
    ],
)
def test_what_is_mistyped_is_refused(old: str, new: str) -> None:
    assert old in STAGE
    assert faults(STAGE.replace(old, new))


def test_all_schemas_can_be_written_to_a_folder(tmp_path: Path) -> None:
    result = schema("--output-dir", str(tmp_path / "out"))
    written: dict[str, Any] = {path.name: json.loads(path.read_text()) for path in (tmp_path / "out").iterdir()}
    assert len(written) == 1 + len(KINDS) + len(STEPS)
    assert written["step-git-clone.json"]["title"] == "git-clone"
    assert written["stage.json"]["title"] == "Stage"
    assert sorted(result.stdout.splitlines()) == sorted(str(tmp_path / "out" / name) for name in written)


def test_names_are_listed_and_guessed() -> None:
    assert schema("--list").stdout.splitlines() == [*(kind.singular for kind in KINDS.values()), *STEPS]
    result = schema("git-cloen")
    assert result.exit_code == 2
    assert "Did you mean `git-clone`?" in result.stderr
    assert schema("stage", "--list").exit_code == 2
