"""What runs where, how two Stages differ, what a Stage has used, and where its page is: on a real server."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import pytest
from tests.cli.conftest import Cli, Up

from argosy.cli.browser import launch
from argosy.cli.matrix import lines

OTHER = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Freight
metadata: {name: computed}
alias: newer-newt
discoveredAt: 2099-01-01T00:00:00Z
origin: {kind: Warehouse, name: app}
images: [{repoURL: 127.0.0.1:1/app, tag: 1.3.0, digest: "sha256:bbbb"}]
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: test}
spec:
  requestedFreight:
  - {origin: {kind: Warehouse, name: app}, sources: {direct: true}}
  promotionTemplate: {spec: {steps: [{uses: compose-output, config: {said: "hello"}}]}}
"""


def test_what_runs_where_and_what_ran_before(cli: Cli, pipeline: str, freight: str) -> None:
    assert cli("apply", "-f", "-", "-p", pipeline, stdin=OTHER).exit_code == 0
    assert "No Stage uses anything yet" in cli("matrix", "-p", pipeline).stderr
    for alias, stage in (("wonky-wombat", "dev"), ("newer-newt", "dev"), ("wonky-wombat", "test")):
        promoted = cli("promote", "-p", pipeline, "--freight-alias", alias, "--stage", stage, "--wait")
        assert promoted.exit_code == 0, promoted.stderr
        assert cli("refresh", "stage", stage, "-p", pipeline, "--wait").exit_code == 0, "the Stage knows of the end"
    matrix = cli("matrix", "-p", pipeline)
    assert re.sub(" +", " ", matrix.stdout) == "ARTIFACT NEWEST DEV TEST\n127.0.0.1:1/app - 1.3.0 1.2.3\n", (
        matrix.stderr
    )
    everywhere = json.loads(cli("matrix", "-A", "-o", "json").stdout)
    assert {(each["project"], each["stage"]) for each in everywhere["stages"]} >= {
        (pipeline, "dev"),
        (pipeline, "test"),
    }
    differing = cli("diff", "dev", "test", "-p", pipeline)
    assert differing.exit_code == 2
    assert re.sub("  +", " | ", differing.stdout).splitlines() == [
        "ARTIFACT | DEV | TEST",
        "127.0.0.1:1/app | 1.3.0 (newer-newt) | 1.2.3 (wonky-wombat) | dev is newer",
    ]
    same = cli("diff", "dev", "dev", "-p", pipeline, "-o", "json")
    assert (same.exit_code, json.loads(same.stdout)["same"]) == (0, True)
    assert cli("diff", "broken", "endless", "-p", pipeline).stdout == "Neither broken nor endless uses anything.\n"
    head, *rows = (re.split("  +", line) for line in cli("history", "dev", "-p", pipeline).stdout.splitlines())
    assert head == ["WHEN", "FREIGHT", "ARTIFACTS", "BY", "TOOK", "VERIFICATION", "PROMOTION"]
    assert [row[1:4] for row in rows] == [["newer-newt", "app 1.3.0", "admin"], ["wonky-wombat", "app 1.2.3", "admin"]]
    one = json.loads(cli("history", "dev", "-p", pipeline, "--limit", "1", "-o", "json").stdout)
    assert [entry["items"]["Warehouse/app"]["images"][0]["tag"] for entry in one["items"]] == ["1.3.0"]
    assert "has used nothing yet" in cli("history", "broken", "-p", pipeline).stderr


def found(stage: str, version: str, **more: Any) -> dict[str, Any]:
    cell = {"project": "p", "stage": stage, "version": version, "alias": "newt", "health": "Healthy", "atLeast": False}
    return {**cell, **more}


MATRIX = {
    "stages": [{"project": "p", "stage": name} for name in ("dev", "prod", "idle")],
    "rows": [
        {
            "artifact": {"kind": "chart", "repoURL": "https://charts.example", "name": "app"},
            "newest": "3.0",
            "cells": [found("dev", "2.0", behind=1), found("prod", "1.0", behind=20, atLeast=True)],
        },
        {"artifact": {"kind": "git", "repoURL": "\x1b[2Jx", "name": ""}, "newest": "", "cells": [found("dev", "v1")]},
    ],
}


def test_a_matrix_is_a_grid_where_that_fits() -> None:
    assert [re.split("  +", line) for line in lines(MATRIX, False, 100)] == [
        ["ARTIFACT", "NEWEST", "DEV", "PROD"],
        ["https://charts.example/app", "3.0", "2.0 -1", "1.0 -20+"],
        ["^[[2Jx", "-", "v1", "-"],
    ]
    assert next(lines(MATRIX, True, 100)).endswith("P/DEV    P/PROD")


def test_and_one_artifact_below_the_other_where_it_does_not() -> None:
    assert [re.sub("  +", " | ", line) for line in lines(MATRIX, False, 40)] == [
        "https://charts.example/app, newest 3.0",
        " | STAGE | VERSION | FREIGHT | HEALTH",
        " | dev | 2.0 -1 | newt | Healthy",
        " | prod | 1.0 -20+ | newt | Healthy",
        "\n^[[2Jx",
        " | STAGE | VERSION | FREIGHT | HEALTH",
        " | dev | v1 | newt | Healthy",
    ]


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ((), "/"),
        (("-p", "a"), "/project/a"),
        (("-p", "a", "matrix"), "/project/a/runs"),
        (("-p", "a", "stage", "prod"), "/project/a/stage/prod"),
        (("-p", "a", "freight", "x/../y"), "/project/a/freight/x%2F..%2Fy"),
    ],
)
def test_the_address_of_a_page(cli: Cli, server: Up, words: tuple[str, ...], path: str) -> None:
    assert cli("open", *words, "--print").stdout == f"{server.url}{path}\n"


def test_without_a_screen_no_browser_is_sought() -> None:
    assert launch("https://argosy.example", {"TERM": "xterm"}) is (sys.platform != "linux")


def test_what_has_no_page_is_told(cli: Cli) -> None:
    for words in (("-p", "a", "stage"), ("-p", "a", "matrix", "x"), ("nothing",), ("stage", "dev")):
        assert cli("open", *words, "--print").exit_code == 2, words
