"""Names that mean nothing are found before an expression runs."""

import pytest

from argosy.expressions import Vocabulary, misnomers, parse

PLACE = Vocabulary(
    {
        "ctx": {"stage": None, "meta": {"step": {"alias": None}}},
        "vars": {"repo": None},
        "outputs": {"a": {"tag": None}},
        "any": None,
    },
    {"imageFrom": (1, 2), "success": (0, 0)},
)


def told(source: str) -> list[str]:
    return [f"{each.at}: {each.problem}. {each.advice}".rstrip(". ") for each in misnomers(parse(source), PLACE)]


@pytest.mark.parametrize(
    "source",
    [
        "ctx.stage + vars.repo + outputs.a.tag",
        "outputs['a']['tag']",
        "ctx.meta.step.alias",
        "any.thing[0].at.all",
        "vars?.nothing",
        "outputs.b?.tag ?? 'none'",
        "vars.nothing ?? vars.repo",
        "(outputs.b.tag ?? 1) + 1",
        "$env.whatever",
        "let mine = 1; mine + 1",
        "map([1], let q = #; q)",
        "filter(any, .name == vars.repo and # != nil)",
        "imageFrom(vars.repo).Tag | trimPrefix('v')",
        "vars[ctx.stage]",
        "max(1, 2, 3, 4)",
        "'a' matches '^a'",
        "any matches vars.repo",
    ],
)
def test_what_is_known_is_not_told(source: str) -> None:
    assert told(source) == []


@pytest.mark.parametrize(
    ("source", "problems"),
    [
        ("vrs.repo", ["0: there is no variable 'vrs' here. Did you mean 'vars'?"]),
        ("1 + ctx.stag", ["8: ctx has no 'stag'. Did you mean 'stage'?"]),
        ("ctx.meta.stp.alias", ["9: ctx.meta has no 'stp'. Did you mean 'step'?"]),
        ("outputs['b'].tag", ["7: outputs has no 'b'"]),
        ("outputs.a.tga", ["10: outputs.a has no 'tga'. Did you mean 'tag'?"]),
        ("vars.x ?? vars.y", ["15: vars has no 'y'"]),
        ("any[vars.x]?.name", ["9: vars has no 'x'"]),
        ("f(vars.x)?.name", ["0: there is no function f() here", "7: vars has no 'x'"]),
        ("imagefrom('x')", ["0: there is no function imagefrom() here. Did you mean 'imageFrom'?"]),
        ("imageFrom()", ["0: imageFrom() takes 1 to 2 arguments, not 0"]),
        ("success(1)", ["0: success() takes 0 arguments, not 1"]),
        ("filter(any, # > vars.x)", ["21: vars has no 'x'"]),
        ("any.method(vars.x)", ["16: vars has no 'x'"]),
        (
            "vars.x + nope + f()",
            ["5: vars has no 'x'", "9: there is no variable 'nope' here", "16: there is no function f() here"],
        ),
    ],
)
def test_what_means_nothing_is_told_with_its_place_and_a_guess(source: str, problems: list[str]) -> None:
    assert told(source) == problems


def test_a_long_expression_does_not_exhaust_the_stack() -> None:
    assert len(told(" + ".join(["nope"] * 2_000))) == 2_000
