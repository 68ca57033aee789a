"""JSONPath: what kubectl finds, found by kubectl itself."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.cli.jsonpath import Template
from argosy.errors import Invalid
from argosy.testing.kubectl import Kubectl

DATA = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "x", "labels": {"a.b/c": "dotted", "plain": "p"}},
    "data": {"text": "some <text> & \u2028"},
    "extra": {
        "numbers": [1, 2, 3, 4, 5],
        "items": [
            {"name": "one", "size": 1, "on": True, "tags": ["a", "b"]},
            {"name": "two", "size": 2, "on": False},
            {"name": "three", "size": 3, "nested": {"name": "inner"}},
        ],
        "nothing": None,
        "ratio": 1.5,
    },
}

TEMPLATES = (
    "{.metadata.name}",
    "{$.metadata.name}",
    "{@.metadata.name}",
    "{.metadata.labels.a\\.b/c}",
    "{['metadata']['name']}",
    "{.metadata['name', 'labels']}",
    "{.extra.numbers[0]}",
    "{.extra.numbers[-1]}",
    "{.extra.numbers[1:3]}",
    "{.extra.numbers[0:5:2]}",
    "{.extra.numbers[:2]}",
    "{.extra.numbers[-2:]}",
    "{.extra.numbers[0,2]}",
    "{.extra.numbers[*]}",
    "{.extra.numbers}",
    "{.extra.items[*].name}",
    "{.extra.items[?(@.size>1)].name}",
    "{.extra.items[?(@.size<=2)].name}",
    '{.extra.items[?(@.name=="two")].size}',
    "{.extra.items[?(@.name!='two')].size}",
    "{.extra.items[?(@.on==true)].name}",
    "{.extra.items[?(@.nested)].name}",
    "{.extra.items[?(@.nested.name=='inner')].name}",
    "{.extra.items..name}",
    "{.extra..name}",
    "{.extra.ratio}",
    "{.missing}",
    "{.missing.deeper[0]}",
    "{.metadata.labels}",
    "name is {.metadata.name}, really",
    "plain text",
    '{range .extra.items[*]}{.name}{"\\t"}{.size}{"\\n"}{end}',
    "{range .extra.items[*]}{range .tags[*]}{@}{';'}{end}{end}",
    "{range .extra.numbers[*]}[{@}]{end}",
    "{.extra.items[0]['name','size']}",
    "{.metadata.name}{' and '}{.kind}",
)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> tuple[Kubectl, Path]:
    """kubectl without a server, and a file to print from."""
    folder = tmp_path_factory.mktemp("local")
    (folder / "kubeconfig").touch()
    (folder / "x.json").write_text(json.dumps({**DATA, "apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Thing"}))
    return Kubectl(folder / "kubeconfig", folder), folder / "x.json"


def printed(local: tuple[Kubectl, Path], form: str) -> str:
    """What kubectl prints of the file; the annotation it insists on writing is one that is written already."""
    kubectl, path = local
    done = kubectl("label", "--local", "-f", str(path), "plain=p", "-o", form)
    assert done.code == 0, done.err
    return done.out


@pytest.mark.parametrize("template", TEMPLATES)
def test_text_is_what_kubectl_prints(local: tuple[Kubectl, Path], template: str) -> None:
    data = {**DATA, "apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Thing"}
    assert Template(template).text(data) == printed(local, f"jsonpath={template}")


@pytest.mark.parametrize(
    "template", ["{.extra", "{.a}}{", "{range .a}", "{end}", "{.a[}", "{.a[?(@.b=]}", "{.a[1:2:0]}", "{"]
)
def test_what_is_no_template_is_refused(template: str) -> None:
    with pytest.raises(Invalid, match="JSONPath"):
        Template(template)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{.metadata.labels.*}", "dotted p"),
        ("{..name}", "one two three inner x"),
        ("{.metadata.labels['a.b/c']}", "dotted"),
        ("{.metadata.labels['a\\.b/c']}", "dotted"),
    ],
    ids=["children by name", "descendants by name", "a dot in quotes", "an escaped dot in quotes"],
)
def test_where_kubectl_leaves_it_open_the_order_of_names_decides(template: str, expected: str) -> None:
    assert Template(template).text(DATA) == expected


def test_a_template_that_is_too_long_is_refused() -> None:
    with pytest.raises(Invalid, match="longer than"):
        Template("{range .a}" * 1000)


@given(st.text(alphabet="{}[]().*?@$'\"\\:,=<> abrnged01-", max_size=30))
def test_any_text_is_a_template_or_refused(text: str) -> None:
    with contextlib.suppress(Invalid):
        Template(text).text(DATA)


def test_documents_nested_deeply_are_searched_without_recursion() -> None:
    deep: object = {"name": "bottom"}
    for _ in range(20_000):
        deep = {"a": deep}
    assert Template("{..name}").text(deep) == "bottom"
