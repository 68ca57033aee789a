"""The page of variables and functions is complete, and its examples are true in a promotion."""

import base64
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from argosy.clients.login import Login
from argosy.engine import vocabulary
from argosy.engine.functions.resource import Reader
from argosy.engine.functions.version import METHODS
from argosy.engine.scope import Scope
from argosy.errors import Permanent
from argosy.expressions import ExpressionError, render
from argosy.expressions.template import FUNCTIONS
from argosy.resources.freight import Freight
from argosy.resources.promotion import Promotion
from argosy.resources.stage import Stage
from argosy.resources.step import PromotionStep
from argosy.resources.warehouse import Warehouse
from argosy.rules.artifact import Cargo

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "expression-functions.md").read_text(encoding="utf-8")
STEP = PromotionStep.model_validate({"uses": "fail"})
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def secret(labels: dict[str, str], **values: str) -> dict[str, Any]:
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return {"metadata": {"name": "s", "namespace": "n", "labels": labels}, "data": data}


DOCUMENTS = {
    ("ConfigMap", "shop", "settings"): {"data": {"domain": "shop.example"}},
    ("ConfigMap", "shared", "company"): {"data": {"region": "eu-west-1"}},
    ("Secret", "shop", "chat"): secret({}, token="hush1234"),
    ("Secret", "shared", "generic"): secret({"kargo.akuity.io/cred-type": "generic"}, key="open"),
    ("Secret", "shared", "git-login"): secret({"kargo.akuity.io/cred-type": "git"}, password="pssst"),
    ("Freight", "shop", "5a3f2c1"): {"status": {"metadata": {"ticket": "OPS-7"}, "approvedFor": {"prod": {}}}},
    ("Freight", "shop", "bare"): {},
    ("Stage", "shop", "prod"): {"status": {"metadata": {"aws-region": "eu-central-1"}}},
}
ORIGIN = {"kind": "Warehouse", "name": "web"}
FREIGHT = Freight.model_validate(
    {
        "metadata": {"name": "5a3f2c1", "namespace": "shop"},
        "alias": "brave-crab",
        "origin": ORIGIN,
        "images": [{"repoURL": "ghcr.io/shop/web", "tag": "1.4.2", "digest": "sha256:ab"}],
        "commits": [{"repoURL": "https://github.com/shop/config.git", "id": "c0ffee", "branch": "main"}],
        "charts": [{"repoURL": "https://charts.example.com", "name": "redis", "version": "20.1.0"}],
        "artifacts": [
            {"artifactType": "model", "subscriptionName": "model", "version": "3", "metadata": {"size": 7}},
        ],
    }
)
WAREHOUSE = Warehouse.model_validate(
    {
        "metadata": {"name": "web"},
        "spec": {
            "subscriptions": [
                {"image": {"repoURL": "ghcr.io/shop/web"}},
                {"git": {"repoURL": "https://github.com/shop/config.git"}},
                {"chart": {"repoURL": "https://charts.example.com", "name": "redis"}},
                {"name": "model", "huggingface": {"repo": "model"}},
            ]
        },
    }
)


class Reads:
    """Resources that do not change, and what was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.secrets: list[str] = []

    async def read(self, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        self.asked.append((kind, namespace, name))
        return DOCUMENTS.get((kind, namespace, name))

    async def get(self, namespace: str, kind: str, url: str) -> Login | None:
        self.asked.append((kind, namespace, url))
        known = (namespace, kind, url) == ("shop", "git", "https://github.com/shop/config")
        return Login("bot", "s3cret-word") if known else None


@pytest.fixture
def reads() -> Reads:
    return Reads()


@pytest.fixture
def scope(reads: Reads) -> Scope:
    promotion = Promotion.model_validate(
        {
            "metadata": {
                "name": "prod.01.5a3f2c1",
                "namespace": "shop",
                "annotations": {"kargo.akuity.io/create-actor": "ada"},
            },
            "spec": {
                "stage": "prod",
                "freight": "5a3f2c1",
                "steps": [{"uses": "fail"}],
                "vars": [{"name": "region", "value": "eu"}],
            },
            "status": {
                "state": {"build": {"tag": "v1.4.2", "parts": ["a", "b"]}},
                "stepExecutionMetadata": [
                    {"alias": "build", "status": "Succeeded", "startedAt": "2026-05-01T11:59:00Z"}
                ],
            },
        }
    )
    stage = Stage.model_validate(
        {
            "metadata": {"name": "prod", "namespace": "shop"},
            "spec": {"requestedFreight": [{"origin": ORIGIN, "sources": {"direct": True}}]},
        }
    )
    cargo = Cargo((FREIGHT.reference,), (FREIGHT.origin,), {"web": WAREHOUSE})
    reader = Reader(reads.read, reads, "shop", "shared", reads.secrets.extend)
    return Scope(promotion, stage, FREIGHT, cargo, reader, NOON, "")


async def value(scope: Scope, template: str) -> Any:
    return await render(template, await scope.env(STEP, "now"), scope.functions("now"))


def examples() -> list[Any]:
    blocks = re.findall(r"^```template\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.splitlines()]
    return [pytest.param(*re.split(r"\s+=> ", line), id=line.split("  ")[0]) for line in lines]


@pytest.mark.parametrize(("template", "result"), examples())
async def test_an_example_stands_for_its_value(scope: Scope, template: str, result: str) -> None:
    assert await value(scope, template) == json.loads(result)


def names(shape: Any) -> Any:
    return {key: names(each) for key, each in shape.items()} if isinstance(shape, dict) else None


async def test_the_vocabulary_is_what_a_step_is_given(scope: Scope) -> None:
    env = await scope.env(STEP, "now")
    assert set(env) == set(vocabulary.STEP.variables)
    assert names(env["ctx"]) == vocabulary.CONTEXT
    assert {*scope.functions("now"), *FUNCTIONS} == set(vocabulary.STEP.functions)


async def test_inside_of_a_task_there_are_its_outputs(scope: Scope) -> None:
    env = await scope.env(STEP, "build::now")
    assert set(env) == {*vocabulary.STEP.variables, "task"}


def test_every_function_has_an_example() -> None:
    shown = " ".join(param.values[0] for param in examples())
    assert [name for name in vocabulary.STEP.functions if f"{name}(" not in shown] == []


def test_every_method_of_versions_is_named() -> None:
    assert [name for name in METHODS if f"`{name}`" not in PAGE] == []


async def test_configuration_is_read_once_and_freight_each_time(scope: Scope, reads: Reads) -> None:
    await value(scope, "${{ secret('chat').token + secret('chat').token }}")
    await value(scope, "${{ freightStatus('bare') == freightStatus('bare') }}")
    await value(scope, "${{ repoCredentials('u', 'image') == repoCredentials('u', 'image') }}")
    assert reads.asked.count(("Secret", "shop", "chat")) == 1
    assert reads.asked.count(("image", "shop", "u")) == 1
    assert reads.asked.count(("Freight", "shop", "bare")) == 2


async def test_every_secret_that_was_read_is_told(scope: Scope, reads: Reads) -> None:
    await value(scope, "${{ secret('chat').token + repoCredentials('https://github.com/shop/config').password }}")
    await value(scope, "${{ sharedSecret('git-login').password }}")
    assert reads.secrets == ["hush1234", "s3cret-word"]


async def test_credentials_that_are_not_kept_are_an_empty_map(scope: Scope) -> None:
    assert await value(scope, "${{ repoCredentials('https://elsewhere.example/x', 'image') }}") == {}


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("${{ secret('') }}", "secret() needs a name"),
        ("${{ configMap(1) }}", "configMap() needs a name"),
        ("${{ freightMetadata(nil) }}", "freightMetadata() needs a name"),
        ("${{ repoCredentials('x', 'ftp') }}", "git, image or helm"),
        ("${{ warehouse('') }}", "needs the name of a Warehouse"),
        ("${{ imageFrom('x', 'web') }}", "an origin is written as"),
        ("${{ imageFrom(1) }}", "must be a string"),
        ("${{ status('') }}", "needs the alias of a step"),
        ("${{ semverParse('latest') }}", "cannot read this version"),
        ("${{ semverParse('1.0').GreaterThan('0.9') }}", "must be a version"),
        ("${{ semverParse('1.0.0').SetMetadata(1) }}", "must be a text"),
        ("${{ semverParse('1.0.0').SetPrerelease('_') }}", "cannot make a version"),
        ("${{ semverDiff(1, 2) }}", "needs two strings"),
        ("${{ imageFrom('ghcr.io/shop/web').Tga }}", "'Tga' of map cannot be read"),
        ("${{ secret('a', 'b') }}", "cannot be called with 2 arguments"),
    ],
)
async def test_a_wrong_argument_is_told(scope: Scope, template: str, problem: str) -> None:
    with pytest.raises(ExpressionError, match=re.escape(problem)):
        await value(scope, template)


async def test_a_function_that_is_misspelt_is_guessed(scope: Scope) -> None:
    with pytest.raises(ExpressionError, match="Did you mean 'imageFrom'"):
        await value(scope, "${{ imagefrom('x') }}")


async def test_an_artifact_of_two_origins_needs_to_be_told_which(scope: Scope) -> None:
    other = FREIGHT.origin.model_copy(update={"name": "other"})
    cargo = Cargo((FREIGHT.reference,), (FREIGHT.origin, other), {"web": WAREHOUSE, "other": WAREHOUSE})
    with pytest.raises(Permanent, match="several requested origins"):
        cargo.artifact("model")
    found = cargo.artifact("model", FREIGHT.origin)
    assert found is not None
    assert found.version == "3"
