"""The arguments of a verification are what the Stage's expressions stand for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.engine.conftest import SUBSCRIPTIONS

from argosy.engine import vocabulary
from argosy.engine.functions.resource import Reader
from argosy.engine.scope import general
from argosy.engine.verification import arguments
from argosy.errors import Permanent
from argosy.expressions import ExpressionError
from argosy.expressions.template import FUNCTIONS
from argosy.resources.artifact import FreightOrigin, Image
from argosy.resources.freight import FreightReference
from argosy.resources.stage import Stage
from argosy.resources.warehouse import Warehouse
from argosy.rules.artifact import Cargo

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ORIGIN = FreightOrigin(kind="Warehouse", name="w")
CARGO = Cargo(
    (FreightReference(name="f1", origin=ORIGIN, images=(Image(repo_url="example.com/app", tag="1.2.3"),)),),
    (ORIGIN,),
    {"w": Warehouse.model_validate({"metadata": {"name": "w"}, "spec": {"subscriptions": SUBSCRIPTIONS}})},
)
CONFIG = {"data": {"url": "https://metrics.example"}}


async def evaluated(args: dict[str, str], variables: dict[str, str]) -> dict[str, str]:
    async def read(kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        return CONFIG if (kind, namespace, name) == ("ConfigMap", "demo", "metrics") else None

    logins: Any = None
    reader = Reader(read, logins, "demo", "shared", list)
    written, given = ([{"name": name, "value": value} for name, value in each.items()] for each in (args, variables))
    spec = {"requestedFreight": [{"origin": ORIGIN.model_dump(), "sources": {"direct": True}}], "vars": given}
    stage = Stage.model_validate(
        {"metadata": {"name": "dev", "namespace": "demo"}, "spec": {**spec, "verification": {"args": written}}}
    )
    return await arguments(stage, CARGO, reader, NOON)


@pytest.mark.parametrize(
    ("value", "argument"),
    [
        pytest.param("plain", "plain", id="a text"),
        pytest.param("42", "42", id="a text of digits"),
        pytest.param("${{ quote(42) }}", "42", id="a number kept a text"),
        pytest.param("${{ ctx.project }}/${{ ctx.stage }}", "demo/dev", id="the context"),
        pytest.param("${{ imageFrom('example.com/app').Tag }}", "1.2.3", id="an artifact of the Freight in use"),
        pytest.param("${{ imageFrom('example.com/app', warehouse('w')).Tag }}", "1.2.3", id="of one Warehouse"),
        pytest.param("${{ vars.service }}", "web.demo.svc", id="a variable made of another"),
        pytest.param("${{ configMap('metrics').url }}", "https://metrics.example", id="another resource"),
        pytest.param("${{ semverParse('v1.2').String() }}", "1.2.0", id="a version"),
        pytest.param("${{ now().Format('2006') + '-' }}", "2026-", id="the time"),
        pytest.param("${{ string(ctx.targetFreight == nil) + '!' }}", "true!", id="there is no promotion"),
    ],
)
async def test_an_argument_stands_for(value: str, argument: str) -> None:
    variables = {"name": "web", "service": "${{ vars.name }}.${{ ctx.project }}.svc"}
    assert await evaluated({"a": value}, variables) == {"a": argument}


async def test_an_argument_without_a_value_is_left_to_the_template() -> None:
    assert await evaluated({"a": "", "b": "x"}, {}) == {"b": "x"}


@pytest.mark.parametrize("value", ["${{ 42 }}", "${{ true }}", "${{ ['a'] }}", "${{ nil }}", "${{ '1.10' }}"])
async def test_an_argument_that_is_no_text_is_refused(value: str) -> None:
    with pytest.raises(Permanent, match="'replicas' must be a text") as error:
        await evaluated({"replicas": value}, {})
    assert "quote(" in error.value.advice


@pytest.mark.parametrize(
    ("args", "variables", "field"),
    [
        ({"a": "${{ 1 + }}"}, {}, "spec.verification.args[0].value"),
        ({"a": "x", "b": "${{ success() }}"}, {}, "spec.verification.args[1].value"),
        ({"a": "x"}, {"v": "${{ outputs.x.y }}"}, "spec.vars[0].value"),
    ],
    ids=["one that cannot be read", "functions of promotions", "outputs of promotions"],
)
async def test_the_field_of_a_mistake_is_named(args: dict[str, str], variables: dict[str, str], field: str) -> None:
    with pytest.raises(ExpressionError) as error:
        await evaluated(args, variables)
    assert error.value.field == field


def test_the_functions_are_those_of_the_vocabulary() -> None:
    logins: Any = None
    given = general(CARGO, Reader(logins, logins, "demo", "shared", list), NOON)
    assert {*given, *FUNCTIONS} == set(vocabulary.VERIFICATION.functions)
