"""`argosy lint`: files and folders in, one report and an exit code out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from argosy.cli import command

ROOT = Path(__file__).parents[2]
STAGE = """apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: dev}
spec:
  requestedFreight:
    - origin: {kind: Warehouse, name: web}
      sources: {direct: true}
"""
WRONG = STAGE.replace("direct: true", "stages: [dev]")


def lint(*arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(command, ["lint", *arguments], input=stdin)


def test_warnings_do_not_fail_unless_they_are_to() -> None:
    result = lint("-", "-p", "shop", stdin=STAGE)
    assert result.exit_code == 0
    assert "spec.requestedFreight[0].origin.name: Warehouse 'web' is not in these files." in result.stdout
    assert result.stdout.endswith("0 errors, 1 warning in 1 file\n")
    assert lint("-", "-p", "shop", "--strict", stdin=STAGE).exit_code == 1
    assert lint("-", "-p", "shop", "--strict", "--ignore", "unknown-warehouse", stdin=STAGE).exit_code == 0


def test_folders_are_searched_to_the_bottom_and_all_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "stage.yaml").write_text(WRONG)
    (tmp_path / "broken.yml").write_text("a: [")
    result = lint(str(tmp_path), "-p", "shop")
    assert result.exit_code == 1
    assert "stage.yaml" in result.stdout
    assert "broken.yml" in result.stdout
    assert "dev -> dev" in result.stdout


def test_the_report_as_json() -> None:
    report = json.loads(lint("-", "-p", "shop", "-o", "json", stdin=WRONG).stdout)
    assert report["errors"] == 1
    (cycle,) = [each for each in report["findings"] if each["rule"] == "cycle"]
    assert (cycle["severity"], cycle["line"], cycle["file"]) == ("error", 7, "standard input")


def test_the_report_as_sarif() -> None:
    log = json.loads(lint("-", "-p", "shop", "-o", "sarif", stdin=WRONG).stdout)
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("error", "warning")
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] > 0
    assert "cycle" in rules


@pytest.mark.parametrize("arguments", [[], ["--ignore", "nothing", "-"], ["-o", "xml", "-"]])
def test_what_is_not_understood_is_refused(arguments: list[str]) -> None:
    assert lint(*arguments).exit_code == 2


def test_a_missing_file_is_a_finding() -> None:
    result = lint("does/not/exist.yaml")
    assert result.exit_code == 1
    assert "the file cannot be read" in result.stdout


def test_our_own_manifests_have_no_errors(tmp_path: Path) -> None:
    for number, page in enumerate(sorted((ROOT / "docs").glob("*.md"))):
        for index, block in enumerate(re.findall(r"^```yaml\n(.*?)^```", page.read_text(), re.DOTALL | re.M)):
            if "apiVersion" in block:
                (tmp_path / f"{number}-{index}.yaml").write_text(block)
    assert list(tmp_path.iterdir())
    result = lint(str(tmp_path), str(ROOT / "tests" / "resources" / "examples"), "-p", "demo", "--ignore", "duplicate")
    assert result.exit_code == 0, result.stdout
