"""Health of a Stage: known only after a promotion that succeeded."""

from __future__ import annotations

import pytest
from tests.rules.pipeline_case import NOW, Raw, a_stage

from argosy.resources.stage import Health
from argosy.rules.health import assess, checks_to_run
from argosy.rules.stage import View

CHECK = {"uses": "alive", "config": {"x": 1}}


def last(phase: str, *checks: Raw) -> Raw:
    return {"lastPromotion": {"name": "dev.1", "status": {"phase": phase, "healthChecks": list(checks)}}}


def assessed(status: Raw, checked: Health | None = None) -> tuple[str | None, str, str, str]:
    stage = a_stage(status=status)
    after = assess(View(stage, (), None, (), NOW), stage.status, checked)
    told = after.conditions[0]
    assert told.type == "Healthy"
    return after.health.status if after.health else None, told.status, told.reason, told.message


@pytest.mark.parametrize(
    ("status", "checked", "told"),
    [
        pytest.param({}, None, (None, "Unknown", "NoFreight", "Stage has no current Freight"), id="nothing promoted"),
        pytest.param(
            {**last("Succeeded"), "currentPromotion": {"name": "dev.2"}},
            None,
            ("Unknown", "Unknown", "ActivePromotion", "Stage has a Promotion in progress"),
            id="a promotion in progress",
        ),
        pytest.param(
            last("Failed"),
            None,
            (
                "Unknown",
                "Unknown",
                "LastPromotionFailed",
                "Cannot assess health because last Promotion did not succeed",
            ),
            id="an unsuccessful promotion",
        ),
        pytest.param(
            last("Succeeded"),
            None,
            ("Healthy", "True", "Healthy", "Stage is healthy (performed 0 health checks)"),
            id="no checks at all",
        ),
        pytest.param(
            last("Succeeded", CHECK),
            Health(status="Unhealthy", issues=("a", "b")),
            ("Unhealthy", "False", "Unhealthy", "Stage is unhealthy (2 issues in 1 health checks)"),
            id="checks that found something",
        ),
        pytest.param(
            last("Succeeded", CHECK),
            Health(status="Progressing", issues=("starting",)),
            ("Progressing", "Unknown", "Progressing", "starting"),
            id="checks that do not know yet",
        ),
    ],
)
def test_health_with(status: Raw, checked: Health | None, told: tuple[str | None, str, str, str]) -> None:
    assert assessed(status, checked) == told


def test_checks_run_only_after_success_and_while_nothing_is_promoted() -> None:
    def to_run(status: Raw) -> list[str]:
        return [check.uses for check in checks_to_run(a_stage(status=status).status)]

    assert to_run(last("Succeeded", CHECK)) == ["alive"]
    assert to_run(last("Failed", CHECK)) == []
    assert to_run({**last("Succeeded", CHECK), "currentPromotion": {"name": "dev.2"}}) == []
    assert to_run({}) == []
