"""Deep links: the examples of their page, and templates that are too much or make no sense."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.errors import Invalid
from argosy.resources.manifest import read_manifests
from argosy.resources.project_config import DeepLink, ProjectConfig
from argosy.rules.deep_link import Link, resolved, safe
from argosy.rules.go_template import LONGEST, parse, rendered
from argosy.rules.sprig import FUNCTIONS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "deep-links.md").read_text(encoding="utf-8")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
FREIGHT: dict[str, Any] = {
    "metadata": {"name": "5a3f2c1d0", "namespace": "shop", "labels": {}, "generation": 3},
    "alias": "brave-crab",
    "note": "two words & more",
    "images": [{"repoURL": "ghcr.io/shop/web", "tag": "v1.4.2"}],
    "commits": [{"repoURL": "https://github.com/shop/config.git", "id": "c0ffee"}],
    "status": {"metadata": {"ticket": "OPS-7"}, "verifiedIn": {"test": {}}},
}
STAGE = {"metadata": {"name": "prod", "namespace": "shop"}}


def block(language: str) -> str:
    return "".join(re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE))


def examples(language: str) -> list[Any]:
    return [pytest.param(*re.split(r"\s+=> ", line), id=line) for line in block(language).splitlines()]


def link(url: str = "https://x.example", **fields: str) -> DeepLink:
    return DeepLink.model_validate({"title": "t", "url": url, **fields})


def shown(*links: DeepLink) -> tuple[list[str], list[str]]:
    found, problems = resolved(links, "freight", FREIGHT, NOON)
    return [each.url for each in found], list(problems)


def test_the_links_of_the_manifest_are_shown() -> None:
    (manifest,) = read_manifests(block("yaml"))
    spec = ProjectConfig.model_validate(manifest.document).spec
    freight, problems = resolved(spec.freight_links, "freight", FREIGHT, NOON)
    stage, more = resolved(spec.stage_links, "stage", STAGE, NOON)
    lines = [
        f"{kind} {each.title} => {each.url}"
        for kind, found in (("freight", freight), ("stage", stage))
        for each in found
    ]
    assert lines == block("links").splitlines()
    assert (*problems, *more) == ()
    assert freight[1].description == "Where this release was asked for"


@pytest.mark.parametrize(("url", "expected"), examples("url"))
def test_an_example_of_a_url(url: str, expected: str) -> None:
    assert shown(link(url)) == ([expected], [])


@pytest.mark.parametrize(("url", "problem"), examples("broken"))
def test_an_example_of_a_url_that_cannot_be_shown(url: str, problem: str) -> None:
    found, problems = shown(link(url))
    assert found == []
    assert problem in problems[0]
    assert problems[0].startswith("link 't': ")


def test_every_function_is_named() -> None:
    assert [name for name in FUNCTIONS if f"`{name}`" not in PAGE] == []


@pytest.mark.parametrize(
    ("condition", "urls", "problem"),
    [
        pytest.param("", 1, "", id="without a condition"),
        pytest.param("freight.metadata.namespace == 'shop'", 1, "", id="a true one"),
        pytest.param("'prod' in freight.status.verifiedIn", 0, "", id="a false one"),
        pytest.param("!!!", 0, "", id="one that cannot be read"),
        pytest.param("1 + 1", 0, "neither true nor false", id="a number"),
        pytest.param("freight.nothing.at.all", 0, "cannot be read", id="one about nothing"),
        pytest.param("now().Year() == 2026", 1, "", id="one about the time"),
        pytest.param("secret('x') == nil", 0, "there is no function", id="one with functions of promotions"),
    ],
)
def test_conditions(condition: str, urls: int, problem: str) -> None:
    found, problems = shown(link(**{"if": condition}))
    assert len(found) == urls
    assert bool(problems) == (bool(problem) or condition == "!!!")
    assert problem in "".join(problems)


def test_one_broken_link_leaves_the_others() -> None:
    found, problems = resolved([link("{{"), link(description="d")], "freight", FREIGHT, NOON)
    assert found == (Link("t", "https://x.example", "d"),)
    assert len(problems) == 1


def test_numbers_are_written_as_go_does() -> None:
    assert rendered("{{ .n }}/{{ .big }}/{{ .list }}", {"n": 3.0, "big": 1e6, "list": [1.5, "a"]}) == "3/1e+06/[1.5 a]"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ('{{- "a" -}}   b   {{- " c" }}', "ab c"),
        ("a {{/* a comment */}} b", "a  b"),
        ("{{ range $i, $v := .l }}{{ $i }}={{ $v }};{{ end }}", "0=x;1=y;"),
        ("{{ range .none }}x{{ else }}none{{ end }}", "none"),
        ("{{ if .no }}a{{ else if .yes }}c{{ else }}b{{ end }}", "c"),
        ('{{ printf "%s/%v/%d/%q/%%" "a" .yes 3 "q" }}', 'a/true/3/"q"/%'),
        ('{{ .missing.deeper | default "d" }}', "d"),
        ('{{ dig "a" "b" "none" .map }}{{ get .map "k" }}', "nonev"),
        ('{{ (split "/" "a/b")._1 }}{{ join "," (list 1 2) }}', "b1,2"),
        ("{{ range .l }}{{ $.yes }}{{ end }}", "truetrue"),
        ('{{ regexReplaceAll "(a)(b)" "ab" "${2}$1" }}', "ba"),
        ('{{ regexReplaceAll "(?P<x>a)" "ab" "${x}-$9-$1x-$$" }}', "a---$b"),
        ('{{ `raw "x"` }}{{ 0x10 }}{{ -2 }}{{ true }}', 'raw "x"16-2true'),
        ('{{ $x := "a" }}{{ $x = "b" }}{{ $x }}', "b"),
        ('{{ sha1sum "a" | trunc 8 }}{{ b64enc "abc" }}{{ b64dec "YWJj" }}', "86f7e437YWJjabc"),
        ('{{ sub 5 2 }}{{ add 1 2 }}{{ slice "abc" 1 2 }}{{ substr 1 -1 "abc" }}', "33bbc"),
    ],
)
def test_templates_become(template: str, text: str) -> None:
    data = {"l": ["x", "y"], "yes": True, "no": False, "map": {"k": "v"}}
    assert rendered(template, data) == text


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{{ end }}", "no block"),
        ("{{ if .x }}a", "is not closed"),
        ("{{ if .x }}a{{ else }}b", "is not closed"),
        ("{{ if .x }}a{{ else range .x }}b{{ end }}", "is not understood"),
        ('{{ "a" "b" }}', "is not understood"),
        ('{{ .x | "a" }}', "nothing can be piped"),
        ("{{ ( .x }}", "a ( is not closed"),
        ("{{ }}", "a value is missing"),
        ("{{ .x; }}", "';' is not understood"),
        ("{{ x := 1 }}", "a variable is written as"),
        ('{{ template "x" }}', "cannot be used"),
        ("{{ 1x }}", "is no number"),
        ('{{ "\\q" }}', "cannot be read"),
        ("{{ upper }", "is not closed"),
        ("{{ " + "(" * 40 + "1" + ")" * 40 + " }}", "nested more than"),
        ("{{ if 1 }}" * 40 + "{{ end }}" * 40, "nested more than"),
        ("x" * (LONGEST + 1), "longer than"),
    ],
)
def test_templates_that_cannot_be_read(template: str, problem: str) -> None:
    with pytest.raises(Invalid, match="cannot be read") as error:
        parse(template)
    assert problem in error.value.message


@pytest.mark.parametrize(
    "template",
    [
        pytest.param('{{ repeat 9000 "x" }}', id="repeated too often"),
        pytest.param('{{ $x := repeat 8000 "x" }}{{ replace "x" "yyyy" $x }}', id="replaced by more"),
        pytest.param('{{ regexReplaceAll "" (repeat 8000 "x") (repeat 8000 "y") }}', id="replaced by far more"),
        pytest.param("{{ range .l }}" * 8 + "x" + "{{ end }}" * 8, id="loops in loops"),
        pytest.param("{{ range .l }}" * 8 + "{{ end }}" * 8, id="loops in loops that write nothing"),
        pytest.param('{{ regexMatch "(" "x" }}', id="no pattern"),
        pytest.param("{{ $nothing }}", id="no variable"),
        pytest.param("{{ index .l 99 }}", id="no such element"),
        pytest.param("{{ slice .l 3 99 }}", id="no such part"),
        pytest.param('{{ printf "%s" }}', id="too few values"),
        pytest.param("{{ upper 1 }}", id="no text"),
        pytest.param('{{ semver "nope" }}', id="no version"),
        pytest.param('{{ b64dec "!!" }}', id="no base64"),
    ],
)
def test_templates_that_cannot_be_computed(template: str) -> None:
    with pytest.raises(Invalid, match="cannot be computed"):
        rendered(template, {"l": ["v"] * 30})


@pytest.mark.parametrize(
    "url", ["", "x", "//host/x", "ftp://h/x", "JavaScript:alert(1)", "https://", "http://[::1", "https://h:port/"]
)
def test_only_urls_of_the_web_are_shown(url: str) -> None:
    with pytest.raises(Invalid):
        safe(url)


@pytest.mark.parametrize(
    ("url", "escaped"),
    [
        ("https://h:8443/a?b=c#d", "https://h:8443/a?b=c#d"),
        ('https://h/a"<script>', "https://h/a%22%3Cscript%3E"),
        ("http://h/\u00fc\n", "http://h/%C3%BC"),
        ("https://h/100%25", "https://h/100%25"),
    ],
)
def test_what_has_no_place_in_a_url_is_escaped(url: str, escaped: str) -> None:
    assert safe(url) == escaped


SIGNS = '{{ }} {{- -}} ( ) | . $ $x := = , " ` \\ 1 -2 1.5 nil true .a .a.b .l if else end range with a \n /*'
PARTS = st.sampled_from([*SIGNS.split(" "), *FUNCTIONS])


@settings(max_examples=300)
@given(st.lists(PARTS, max_size=12), st.booleans())
def test_nonsense_is_refused_or_rendered(parts: list[str], whole: bool) -> None:
    source = " ".join(parts)
    template = f"{{{{ {source} }}}}" if whole else source
    with suppress(Invalid):
        assert len(rendered(template, {"a": {"b": "x"}, "l": [1.0, "y"]})) <= LONGEST
