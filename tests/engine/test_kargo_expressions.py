"""What Kargo's reference of expressions documents, example by example, with data of our own.

A case is a configuration as it is written and as the step gets it; the step `compute` outputs what it gets.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from tests.engine.template_case import promotion_of, template

from argosy.resources.discovery import DiscoveredArtifacts
from argosy.rules.criteria import satisfied

Make = Callable[..., Any]


def secret(label: str = "", **values: str) -> dict[str, Any]:
    labels = {"kargo.akuity.io/cred-type": label} if label else {}
    return {
        "metadata": {"labels": labels},
        "data": {k: base64.b64encode(v.encode()).decode() for k, v in values.items()},
    }


METADATA = {"category": "web", "config": {"settings": {"timeoutSeconds": 60}}}
DOCUMENTS: dict[tuple[str, str, str], dict[str, Any]] = {
    ("ConfigMap", "demo", "mine"): {"data": {"repoURL": "https://example.com/mine"}},
    ("ConfigMap", "shared", "mine"): {"data": {"repoURL": "https://example.com/shared"}},
    ("Secret", "demo", "chat"): secret(token="of-the-project"),
    ("Secret", "shared", "chat"): secret("generic", token="of-all"),
    ("Secret", "shared", "git"): secret("git", password="of-a-repository"),
    ("Freight", "demo", "f1"): {
        "status": {
            "metadata": METADATA,
            "currentlyIn": {"test": {"since": "2026-05-01T10:00:00Z"}},
            "verifiedIn": {"test": {"verifiedAt": "2026-05-01T11:00:00Z"}},
            "approvedFor": {"prod": {"approvedAt": "2026-05-01T12:00:00Z"}},
        }
    },
    ("Freight", "demo", "plain"): {"status": {"metadata": {}, "verifiedIn": {}}},
    ("Stage", "demo", "dev"): {"status": {"metadata": {"aws-region": "eu-west-1", "config": {"settings": {}}}}},
}
BEFORE = {
    "read": {"app": {"name": "web", "ports": [80]}, "version": "1.9.0"},
    "update-image": {"commitMessage": "Updated base"},
}


def example(name: str, config: str, **expected: Any) -> Any:
    return pytest.param(config, expected, id=name)


SYNTAX = [
    example("a text", "message: ${{ 'Hello' + ' ' + 'world' }}", message="Hello world"),
    example(
        "}} in an expression needs the other delimiters", 'a: \'${% {"l": {"app": "x"}} %}\'', a={"l": {"app": "x"}}
    ),
    example("%} in an expression needs these", "a: ${{ '%}' }}", a="%}"),
    example(
        "nested values",
        "nested:\n  value: ${{ vars.foo }}\n  list: [{deep: '${{ 1 + 1 }}'}]\nother: x",
        nested={"value": "bar", "list": [{"deep": 2}]},
        other="x",
    ),
    example("keys are not evaluated", "'${{ 1 }}': ${{ 1 }}", **{"${{ 1 }}": 1}),
    example("a number, and a text of one", "num: ${{ 40 + 2 }}\nstr: ${{ quote(40 + 2) }}", num=42, str="42"),
    example("a number without an expression stays what it is", "num: 42\nstr: '42'", num=42, str="42"),
    example(
        "a boolean, an object and a list",
        "b: ${{ 1 < 2 }}\no: '${{ {a: 1} }}'\nl: ${{ [1, 'x'] }}",
        b=True,
        o={"a": 1},
        l=[1, "x"],
    ),
    example("several expressions in a text", "a: ${{ vars.foo }}-${{ 1 + 1 }}", a="bar-2"),
    example(
        "blocks of YAML end in one newline unless they are no text",
        "a: |\n  ${{ quote(42) }}\n  \nb: |\n  42\nc: |\n  ${{ 42 }}\n",
        a="42\n",
        b="42\n",
        c=42,
    ),
    example(
        "a block of YAML",
        "a: |\n  ${{ quote({foo: 'bar'}) }}\nb: |\n  ${{ {foo: 'bar'} }}\n",
        a='{"foo":"bar"}\n',
        b={"foo": "bar"},
    ),
]
VARIABLES = [
    example(
        "ctx",
        "a: ${{ ctx.project }}/${{ ctx.stage }}/${{ ctx.promotion }}\nui: ${{ ctx.uiBaseUrl }}",
        a="demo/dev/dev.01.abc",
        ui="https://argosy.example",
    ),
    example(
        "ctx.targetFreight",
        "f: ${{ ctx.targetFreight.name }}/${{ ctx.targetFreight.alias }}/${{ ctx.targetFreight.origin.name }}",
        f="f1/brave-crab/w",
    ),
    example(
        "ctx.meta",
        "m: ${{ ctx.meta.promotion.actor }}/${{ ctx.meta.step.alias }}\nr: ${{ ctx.meta.promotion.rollback }}",
        m="admin/it",
        r=False,
    ),
    example(
        "outputs and vars",
        "message: ${{ outputs['update-image'].commitMessage }}\nbranch: ${{ vars.branch }}",
        message="Updated base",
        branch="stage/dev",
    ),
]
QUOTES = [
    example("quote", "n: ${{ 40 + 2 }}\ns: ${{ quote(40 + 2) }}\nr: ${{ quote('string') }}", n=42, s="42", r="string"),
    example(
        "unsafeQuote",
        "n: ${{ 40 + 2 }}\ns: ${{ unsafeQuote(40 + 2) }}\nr: ${{ unsafeQuote('string') }}",
        n=42,
        s="42",
        r='"string"',
    ),
    example(
        "quote of other values",
        "a: ${{ quote(nil) }}\nb: ${{ quote(true) }}\nc: '${{ quote({a: 1}) }}'",
        a="null",
        b="true",
        c='{"a":1}',
    ),
    example("asYAML", "c: ${{ asYAML(outputs.read.app) }}", c="name: web\nports:\n    - 80\n"),
    example("asYAML of a list", "c: ${{ asYAML(['one', 'two']) }}", c="- one\n- two\n"),
    example("asJSON", "c: ${{ asJSON(outputs.read.app) }}", c='{\n  "name": "web",\n  "ports": [\n    80\n  ]\n}\n'),
]
RESOURCES = [
    example(
        "configMap",
        "a: ${{ configMap('mine').repoURL }}\nb: ${{ configMap('none') }}",
        a="https://example.com/mine",
        b={},
    ),
    example(
        "sharedConfigMap",
        "a: ${{ sharedConfigMap('mine').repoURL }}\nb: ${{ sharedConfigMap('none') }}",
        a="https://example.com/shared",
        b={},
    ),
    example(
        "secret",
        "h: [{name: Authorization, value: \"Bearer ${{ secret('chat').token }}\"}]\nb: ${{ secret('none') }}",
        h=[{"name": "Authorization", "value": "Bearer of-the-project"}],
        b={},
    ),
    example(
        "sharedSecret is only for generic ones",
        "a: ${{ sharedSecret('chat').token }}\nb: ${{ sharedSecret('git') }}",
        a="of-all",
        b={},
    ),
    example(
        "freightMetadata",
        "a: ${{ freightMetadata(ctx.targetFreight.name).category }}\n"
        "b: ${{ freightMetadata(ctx.targetFreight.name)['settings'] ?? 'default' }}\n"
        "c: ${{ freightMetadata(ctx.targetFreight.name)?.config?.settings?.timeoutSeconds ?? 300 }}\n"
        "d: ${{ freightMetadata('none')?.config?.settings?.timeoutSeconds ?? 300 }}",
        a="web",
        b="default",
        c=60,
        d=300,
    ),
    example(
        "freightStatus",
        "all: ${{ keys(freightStatus(ctx.targetFreight.name)) | len() }}\n"
        "currentlyIn: ${{ freightStatus('f1').currentlyIn }}\nverifiedIn: ${{ freightStatus('f1').verifiedIn }}\n"
        "approvedFor: ${{ freightStatus('f1').approvedFor.prod.approvedAt }}\n"
        "metadata: ${{ freightStatus('f1').metadata }}\n"
        "bypassed: ${{ freightStatus('f1').approvedFor?.prod?.approvedAt != nil }}\n"
        "not: ${{ freightStatus('plain').approvedFor?.prod?.approvedAt != nil }}",
        all=4,
        currentlyIn={"test": {"since": "2026-05-01T10:00:00Z"}},
        verifiedIn={"test": {"verifiedAt": "2026-05-01T11:00:00Z"}},
        approvedFor="2026-05-01T12:00:00Z",
        metadata=METADATA,
        bypassed=True,
        **{"not": False},
    ),
    example(
        "stageMetadata",
        "a: ${{ stageMetadata(ctx.stage)['aws-region'] }}\nb: ${{ stageMetadata(ctx.stage)['tier'] ?? 'd' }}\n"
        "c: ${{ stageMetadata(ctx.stage)?.config?.settings?.timeoutSeconds ?? 300 }}",
        a="eu-west-1",
        b="d",
        c=300,
    ),
]
ARTIFACTS = [
    example(
        "warehouse",
        "a: ${{ warehouse('w').Kind }}/${{ warehouse('w').Name }}\nb: ${{ warehouse('w') }}",
        a="Warehouse/w",
        b={"kind": "Warehouse", "name": "w"},
    ),
    example(
        "commitFrom",
        "a: ${{ commitFrom('https://example.com/r.git').ID }}\n"
        "b: ${{ commitFrom('https://example.com/r.git', warehouse('w')).ID }}\n"
        "c: ${{ commitFrom('https://x.example/y') == nil }}",
        a="c0ffee",
        b="c0ffee",
        c=True,
    ),
    example(
        "the fields of a commit",
        "a: ${{ let c = commitFrom('https://example.com/r.git'); "
        "[c.RepoURL, c.ID, c.Branch, c.Tag, c.Message, c.Author, c.Committer] }}",
        a=["https://example.com/r.git", "c0ffee", "main", "", "", "", ""],
    ),
    example(
        "imageFrom",
        "a: ${{ imageFrom('example.com/app').Tag }}\nb: ${{ imageFrom('example.com/app', warehouse('w')).Tag }}\n"
        "c: ${{ imageFrom('example.com/none')?.Tag ?? 'none' }}",
        a="1.2.3",
        b="1.2.3",
        c="none",
    ),
    example(
        "the fields of an image",
        "a: ${{ let i = imageFrom('example.com/app'); [i.RepoURL, i.Tag, i.Digest, i.Annotations] }}",
        a=["example.com/app", "1.2.3", "sha256:1", {}],
    ),
    example(
        "chartFrom an OCI registry",
        "a: ${{ chartFrom('oci://example.com/chart').Version }}\n"
        "b: ${{ chartFrom('oci://example.com/chart', warehouse('w')).Version }}",
        a="4.5.6",
        b="4.5.6",
    ),
    example(
        "chartFrom a classic repository",
        "a: ${{ chartFrom('https://example.com/charts', 'redis').Version }}\n"
        "b: ${{ chartFrom('https://example.com/charts', 'redis', warehouse('w')).Version }}",
        a="7.8.9",
        b="7.8.9",
    ),
    example(
        "the fields of a chart",
        "a: ${{ let c = chartFrom('https://example.com/charts', 'redis'); [c.RepoURL, c.Name, c.Version] }}",
        a=["https://example.com/charts", "redis", "7.8.9"],
    ),
]
OUTCOMES = [
    example(
        "success, failure and always",
        "s: ${{ success() }}\nf: ${{ failure() }}\na: ${{ always() }}",
        s=True,
        f=False,
        a=True,
    ),
    example("status", "s: ${{ status('read') }}", s="Succeeded"),
]
VERSIONS = [
    example("semverParse", "v: ${{ semverParse(outputs.read.version).IncMinor().String() }}", v="1.10.0"),
    example(
        "the methods of a version",
        "v: ${{ let v = semverParse('v1.2.3-rc.1+b7'); [v.Major(), v.Minor(), v.Patch(), "
        "v.Prerelease(), v.Metadata(), v.IncMajor().String(), v.IncPatch().String(), v.String()] }}",
        v=[1, 2, 3, "rc.1", "b7", "2.0.0", "1.2.3", "1.2.3-rc.1+b7"],
    ),
    example(
        "semverDiff",
        "d: >-\n  ${{ map([['1.0.0', '2.0.0'], ['1.0.0', 'v1.1'], ['1.0.0', '1.0.1'], ['1.0.0+a', '1.0.0+b'], "
        "['1.0.0', 'v1.0.0'], ['1.0.0', 'latest']], semverDiff(#[0], #[1])) }}",
        d=["Major", "Minor", "Patch", "Metadata", "None", "Incomparable"],
    ),
]


@pytest.mark.parametrize(
    ("config", "expected"),
    [*SYNTAX, *VARIABLES, *QUOTES, *RESOURCES, *ARTIFACTS, *OUTCOMES, *VERSIONS],
)
async def test_an_example(bench: Make, config: str, expected: dict[str, Any]) -> None:
    variables = [{"name": "foo", "value": "bar"}, {"name": "branch", "value": "stage/${{ ctx.stage }}"}]
    before = [{"uses": "compute", "as": alias, "config": outputs} for alias, outputs in BEFORE.items()]
    run = bench(*before, {"uses": "compute", "as": "it", "config": yaml.safe_load(config)}, vars=variables)
    run.world.documents.update(DOCUMENTS)
    await run.run()
    assert run.status.message == ""
    assert run.status.state["it"] == expected


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        pytest.param('a: \'${{ {"l": {"app": "x"}} }}\'', "unexpected end", id="}} ends an expression too early"),
        pytest.param("a: ${{ 1 + 1", "is not closed", id="an expression that is not closed"),
        pytest.param(
            "a: ${{ target.params.x }}", "'params' of nil", id="there is no target outside of promotions to one"
        ),
        pytest.param("a: ${{ task.outputs.x }}", "'outputs' of nil", id="there is no task outside of tasks"),
        pytest.param("a: ${{ freightMetadata('none').x }}", "'x' of nil", id="metadata of Freight that is not there"),
        pytest.param(
            "a: ${{ chartFrom('oci://example.com/none').Version }}", "no Warehouse", id="a chart nobody subscribes to"
        ),
    ],
)
async def test_an_example_of_a_mistake(bench: Make, config: str, problem: str) -> None:
    run = bench({"uses": "compute", "config": yaml.safe_load(config)})
    await run.run()
    assert run.status.phase == "Errored"
    assert problem in run.status.message


async def test_an_artifact_of_two_warehouses_is_asked_for_by_its_warehouse(bench: Make) -> None:
    other = {"kind": "Warehouse", "name": "other"}
    images = [{"repoURL": "example.com/app", "tag": "9.9.9"}]
    run = bench(
        {
            "uses": "compute",
            "as": "told",
            "config": {"tag": "${{ imageFrom('example.com/app', warehouse('other')).Tag }}"},
        },
        {"uses": "compute", "as": "own", "config": {"tag": "${{ imageFrom('example.com/app', warehouse('w')).Tag }}"}},
        {"uses": "compute", "as": "unclear", "config": {"tag": "${{ imageFrom('example.com/app').Tag }}"}},
    )
    run.subscriptions = {"other": [{"image": {"repoURL": "example.com/app"}}]}
    requests = [{"origin": {"kind": "Warehouse", "name": "w"}, "sources": {}}, {"origin": other, "sources": {}}]
    items = {"Warehouse/other": {"name": "f2", "origin": other, "images": images}}
    run.stage = {
        "spec": {"requestedFreight": requests},
        "status": {"lastPromotion": {"name": "p", "status": {"freightCollection": {"id": "", "items": items}}}},
    }
    await run.run()
    assert run.status.state == {"told": {"tag": "9.9.9"}, "own": {"tag": "1.2.3"}}
    assert "several requested origins" in run.status.message


REPOSITORIES = """
- uses: compute
  as: clone
  config:
    repoURL: ${{ vars.gitRepo }}
    checkout:
    - fromFreight: true
      path: ${{ vars.srcPath }}
    - branch: ${{ vars.targetBranch }}
      create: true
      path: ${{ vars.outPath }}
- uses: compute
  as: update-image
  config:
    path: ${{ vars.srcPath }}/base
    commitMessage: Updated the base
- uses: compute
  as: commit
  config:
    message: ${{ outputs['update-image'].commitMessage }}
    commit: 5eed
- uses: compute
  as: update
  config:
    apps:
    - name: example-${{ ctx.stage }}
      sources:
      - repoURL: ${{ vars.gitRepo }}
        desiredRevision: ${{ outputs.commit.commit }}
"""
PATHS = """
- {name: gitRepo, value: https://example.com/r.git}
- {name: srcPath, value: ./src}
- {name: outPath, value: ./out}
- {name: targetBranch, value: "stage/${{ ctx.stage }}"}
"""


async def test_a_whole_promotion(bench: Make) -> None:
    spec = promotion_of(template(REPOSITORIES.strip(), variables=PATHS.strip()))
    run = bench(*spec["steps"], vars=spec["vars"])
    await run.run()
    assert run.status.phase == "Succeeded"
    checkout = [{"fromFreight": True, "path": "./src"}, {"branch": "stage/dev", "create": True, "path": "./out"}]
    assert run.status.state["clone"]["checkout"] == checkout
    assert run.status.state["commit"]["message"] == "Updated the base"
    source = {"repoURL": "https://example.com/r.git", "desiredRevision": "5eed"}
    assert run.status.state["update"] == {"apps": [{"name": "example-dev", "sources": [source]}]}


@pytest.mark.parametrize(
    ("current", "direct", "message"),
    [("1.2.0", "Succeeded", "Patch update"), ("0.9.0", "Skipped", "Major update")],
    ids=["a patch is pushed directly", "a major version is reviewed"],
)
async def test_the_difference_of_versions_chooses_the_way(bench: Make, current: str, direct: str, message: str) -> None:
    difference = "semverDiff(imageFrom('example.com/app').Tag, outputs.read.current)"
    config = {"message": f"${{{{ {difference} }}}} update"}
    run = bench(
        {"uses": "compute", "as": "read", "config": {"current": current}},
        {"uses": "compute", "as": "direct", "if": f"${{{{ {difference} != 'Major' }}}}", "config": config},
        {"uses": "compute", "as": "indirect", "if": f"${{{{ {difference} == 'Major' }}}}", "config": config},
    )
    await run.run()
    assert run.statuses()["direct"] == direct
    assert {each.get("message") for each in run.status.state.values()} == {None, message}


@pytest.mark.parametrize("approved", [True, False])
async def test_freight_that_was_approved_by_hand_asks_for_a_review(bench: Make, approved: bool) -> None:
    run = bench(
        {
            "uses": "fail",
            "if": "${{ freightStatus(ctx.targetFreight.name).approvedFor?.prod?.approvedAt != nil }}",
            "config": {"message": "${{ ctx.targetFreight.name }} was approved by hand"},
        }
    )
    run.world.documents["Freight", "demo", "f1"] = DOCUMENTS["Freight", "demo", "f1" if approved else "plain"]
    await run.run()
    assert (run.status.phase, run.status.message) == (
        ("Failed", "f1 was approved by hand") if approved else ("Succeeded", "")
    )


FOUND = {
    "git": [
        {
            "repoURL": f"https://example.com/{name}.git",
            "commits": [{"id": name, "tag": "v2", "subject": "s", "author": "a"}],
        }
        for name in ("front", "back")
    ],
    "images": [
        {"repoURL": f"example.com/{name}", "references": [{"tag": tag, "digest": "sha256:1"}]}
        for name, tag in (("front", "v2"), ("back", "v1"))
    ],
    "charts": [{"repoURL": f"oci://example.com/{name}-chart", "versions": ["2.0.0"]} for name in ("front", "back")],
}


@pytest.mark.parametrize(
    ("expression", "met"),
    [
        ("commitFrom('https://example.com/front.git').Tag == commitFrom('https://example.com/back.git').Tag", True),
        ("imageFrom('example.com/front').Tag == imageFrom('example.com/back').Tag", False),
        (
            "chartFrom('oci://example.com/front-chart').Version == chartFrom('oci://example.com/back-chart').Version",
            True,
        ),
        (
            "let c = commitFrom('https://example.com/front.git'); [c.ID, c.Branch, c.Subject, c.Author, c.Committer] "
            "== ['front', '', 's', 'a', ''] and c.CreatorDate == nil",
            True,
        ),
        ("let i = imageFrom('example.com/back'); i.Tag + i.Digest == 'v1sha256:1' and len(i.Annotations) == 0", True),
    ],
    ids=["tags of commits", "tags of images", "versions of charts", "the fields of a commit", "the fields of an image"],
)
def test_an_example_of_criteria(expression: str, met: bool) -> None:
    found = DiscoveredArtifacts.model_validate(FOUND)
    assert satisfied(expression, found, datetime(2026, 5, 1, tzinfo=UTC)) is met
