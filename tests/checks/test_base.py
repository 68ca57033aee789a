"""Health checks: the worst verdict counts, and a check that cannot tell breaks nothing."""

import itertools
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.checks.base import Check, Checks, Subject, Verdict
from argosy.errors import Permanent
from argosy.resources.promotion import HealthCheckStep
from argosy.resources.stage import Health, HealthState


def says(state: HealthState, *issues: str, output: Any = None) -> Check:
    async def check(config: Mapping[str, Any], subject: Subject) -> Verdict:
        return Verdict(state, issues, output)

    return check


def step(uses: str, config: Any = None) -> HealthCheckStep:
    return HealthCheckStep(uses=uses, config=config)


async def assess(catalogue: Mapping[str, Check], *steps: HealthCheckStep) -> Health:
    return await Checks(catalogue).assess("p", "dev", steps)


async def test_no_checks_at_all_count_as_healthy() -> None:
    assert await assess({}) == Health(status="Healthy")


async def test_the_worst_verdict_counts_and_all_issues_are_told() -> None:
    catalogue = {
        "a": says(HealthState.PROGRESSING, "still starting"),
        "b": says(HealthState.UNHEALTHY, "down", "and out"),
        "c": says(HealthState.HEALTHY),
    }
    health = await assess(catalogue, step("a"), step("b"), step("c"))
    assert health.status == "Unhealthy"
    assert health.issues == ("still starting", "down", "and out")


async def test_outputs_are_listed_as_the_checks_gave_them() -> None:
    catalogue = {"a": says(HealthState.HEALTHY, output={"apps": 1}), "b": says(HealthState.HEALTHY)}
    assert (await assess(catalogue, step("a"), step("b"))).output == [{"apps": 1}]
    assert (await assess(catalogue, step("b"))).output is None


async def test_a_check_sees_its_configuration_and_whose_health_it_judges() -> None:
    seen: list[Any] = []

    async def check(config: Mapping[str, Any], subject: Subject) -> Verdict:
        seen.append((config, subject))
        return Verdict(HealthState.HEALTHY)

    await assess({"a": check}, step("a", {"x": 1}), step("a"))
    assert seen == [({"x": 1}, Subject("p", "dev")), ({}, Subject("p", "dev"))]


async def test_an_unknown_check_makes_health_unknown() -> None:
    health = await assess({}, step("nope"))
    assert health == Health(status="Unknown", issues=("no health check is called 'nope'",))


@pytest.mark.parametrize("error", [Permanent("no such application"), ZeroDivisionError("no such application")])
async def test_a_check_that_raises_makes_health_unknown_and_the_others_still_count(error: Exception) -> None:
    async def raises(config: Mapping[str, Any], subject: Subject) -> Verdict:
        raise error

    health = await assess({"a": raises, "b": says(HealthState.UNHEALTHY, "down")}, step("a"), step("b"))
    assert health.status == "Unhealthy"
    assert "no such application" in health.issues[0]
    assert health.issues[1] == "down"


STATES = st.sampled_from(list(HealthState))


@given(st.lists(STATES, min_size=1, max_size=4))
def test_the_order_of_verdicts_does_not_matter(states: list[HealthState]) -> None:
    def worst(order: tuple[HealthState, ...]) -> HealthState:
        state = HealthState.HEALTHY
        for other in order:
            state = state.merge(other)
        return state

    assert len({worst(order) for order in itertools.permutations(states)}) == 1
    assert (worst(tuple(states)) is HealthState.HEALTHY) == all(state is HealthState.HEALTHY for state in states)
