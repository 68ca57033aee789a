"""What runs where: rows, columns, and how far a version lags behind."""

from __future__ import annotations

from typing import Any

import pytest
from tests.rules.pipeline_case import Raw, a_freight, a_stage, collection, reference, request, warehouse

from argosy.resources.stage import Stage
from argosy.resources.warehouse import Warehouse
from argosy.rules.matrix import Row, column, columns, found_by, rows
from argosy.rules.stage_difference import difference

APP, CODE = "registry.example/app", "https://Git.example/App.git"
CHARTS = "https://charts.example"


def carrying(name: str = "f1", **artifacts: Any) -> Raw:
    return {**reference(name), **artifacts}


def image(tag: str, digest: str = "") -> Raw:
    return {"repoURL": APP, "tag": tag, "digest": digest or f"sha256:{tag.replace('.', '')}"}


def using(name: str, *references: Raw, sources: Raw | None = None, **status: Any) -> Stage:
    status = {"freightHistory": [collection(*references)] if references else [], **status}
    return a_stage(name, request(**(sources or {})), status=status)


def found(**what: Any) -> Any:
    return found_by(Warehouse.model_validate({**warehouse(), "status": {"discoveredArtifacts": what}}))


IMAGES = found(images=[{"repoURL": APP, "references": [image("1.3"), image("1.2"), image("1.1")]}])


def cell(tag: str, known: Any = IMAGES) -> tuple[int | None, bool]:
    (row,) = rows([using("dev", carrying(images=[image(tag)]))], {("p", "w"): known}, {})
    return row.cells[0].behind, row.cells[0].at_least


@pytest.mark.parametrize(
    ("tag", "behind"),
    [
        pytest.param("1.3", (0, False), id="the newest lags behind nothing"),
        pytest.param("1.1", (2, False), id="another by what is listed before it"),
        pytest.param("0.9", (3, True), id="one that is not listed any more by all that is, at least"),
    ],
)
def test_a_version_lags(tag: str, behind: tuple[int, bool]) -> None:
    assert cell(tag) == behind


def test_nothing_is_known_of_what_no_warehouse_has_found() -> None:
    assert cell("1.2", {}) == (None, False)
    assert cell("1.2", found()) == (None, False)


def test_a_tag_that_moved_is_another_version() -> None:
    stage = using("dev", carrying(images=[image("1.3", "sha256:be4")]))
    (row,) = rows([stage], {("p", "w"): IMAGES}, {})
    assert (row.cells[0].behind, row.newest) == (3, "1.3")


def test_every_sort_of_artifact_is_a_row() -> None:
    known = found(
        git=[{"repoURL": "https://git.example/app", "commits": [{"id": "b" * 40}, {"id": "a" * 40, "tag": "v1"}]}],
        charts=[{"repoURL": CHARTS, "name": "app", "versions": ["2.0.0", "1.0.0"]}],
        results=[
            {
                "name": "model",
                "artifactReferences": [{"artifactType": "x", "subscriptionName": "model", "version": "7"}],
            }
        ],
    )
    freight = carrying(
        commits=[{"repoURL": CODE, "id": "a" * 40}],
        charts=[{"repoURL": CHARTS, "name": "app", "version": "1.0.0"}],
        artifacts=[{"artifactType": "x", "subscriptionName": "model", "version": "7"}],
    )
    told = rows([using("dev", freight)], {("p", "w"): known}, {("p", "f1"): "wonky-wombat"})
    assert [
        (row.artifact.kind, row.artifact.place, row.newest, row.cells[0].version, row.cells[0].behind) for row in told
    ] == [
        ("chart", f"{CHARTS}/app", "2.0.0", "1.0.0", 1),
        ("git", CODE, "b" * 12, "a" * 12, 1),
        ("other", "model", "7", "7", 0),
    ]
    assert {each.alias for row in told for each in row.cells} == {"wonky-wombat"}


def places(found: list[Row]) -> list[tuple[str, list[str]]]:
    return [(row.artifact.place, [each.stage for each in row.cells]) for row in found]


def test_columns_are_in_the_order_of_the_pipeline_without_stages_that_use_nothing() -> None:
    prod, gate = using("a-prod", sources={"stages": ["gate"]}), a_stage("gate", request(stages=["qa"]), steps=())
    stages = [prod, gate, using("qa", sources={"stages": ["z-dev"]}), using("z-dev")]
    assert [stage.name for stage in columns(stages)] == ["a-prod", "z-dev", "qa"], "gates are looked through by none"
    round_about = [using("b", sources={"stages": ["a"]}), using("a", sources={"stages": ["b"]})]
    assert [stage.name for stage in columns(round_about)] == ["a", "b"]


def test_stages_meet_in_the_rows_of_what_they_share() -> None:
    dev, prod = using("dev", carrying(images=[image("1.3")])), using("prod", carrying("f0", images=[image("1.1")]))
    told = rows([dev, prod, using("new")], {("p", "w"): IMAGES}, {})
    assert places(told) == [(APP, ["dev", "prod"])]
    assert [each.behind for each in told[0].cells] == [0, 2]
    running = using("dev", health={"status": "Healthy"}, currentPromotion={"name": "dev.1"})
    assert column(running).document() == {"project": "p", "stage": "dev", "health": "Healthy", "promoting": True}


def test_two_stages_are_compared_artifact_by_artifact() -> None:
    left = using("qa", carrying("new", images=[image("1.3")], commits=[{"repoURL": CODE, "id": "a"}]))
    right = using(
        "prod",
        carrying(
            "old",
            images=[image("1.1")],
            commits=[{"repoURL": CODE, "id": "a"}],
            charts=[{"repoURL": CHARTS, "version": "1"}],
        ),
    )
    known = {
        "new": a_freight("new", alias="newt", discoveredAt="2026-01-01T00:00:09Z"),
        "old": a_freight("old", alias="owl", discoveredAt="2026-01-01T00:00:01Z"),
    }
    told = difference(left, right, known)
    assert (told.left, told.right, told.same) == ("qa", "prod", False)
    assert [(each.artifact.kind, each.same, each.newer) for each in told.artifacts] == [
        ("chart", False, ""),
        ("git", True, ""),
        ("image", False, "left"),
    ]
    chart, _, app = told.artifacts
    assert chart.left is None
    assert app.left is not None
    assert app.right is not None
    assert (app.left.version, app.left.alias, app.right.version, app.right.alias) == ("1.3", "newt", "1.1", "owl")
    assert difference(right, left, known).artifacts[2].newer == "right"
    assert difference(left, left, {}).same
