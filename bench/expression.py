"""Expressions: evaluated once they are read, read, and streamed; against expr-lang itself, in Go, embedded in Python.

Go is reached through strings: the variables go in as JSON, the value comes out as JSON. So each figure is taken twice:
with JSON both ways on either side, and without, where Go repeats the evaluation within one call.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson
from golem import _ffi

from argosy.cli.expr import answer
from argosy.expressions import evaluate_now, parse, render_value
from argosy.expressions.bounds import DEFAULT_BOUNDS
from argosy.expressions.compiler import compiled
from bench.table import Row, compared, spell

ROUND = 0.002  # seconds, about

ROWS = [
    {
        "name": f"app-{number}",
        "env": "prod" if number % 3 else "dev",
        "replicas": number % 7,
        "labels": {"tier": ("web", "db", "job")[number % 3], "owner": f"team-{number % 11}"},
        "images": [{"tag": f"v1.{number}.0"}],
    }
    for number in range(1_000)
]
PREDICATE = (
    "len(filter(rows, .env == 'prod' && (.replicas > 1 || .labels.tier == 'db') && !(.name startsWith 'app-99'))) > 10"
    " && all(map(rows, .images[0].tag), # startsWith 'v')"
    " && any(rows, .labels.owner in ['team-3', 'team-x'] and .replicas > 5)"
)
CONDITION = "success() && ctx.stage == 'prod'"

VARIABLES: dict[str, Any] = {
    "vars": {"repo": "https://git.example.com/apps.git", "branch": "main", "image": "example/app", "replicas": 3},
    "ctx": {"project": "apps", "stage": "prod", "promotion": "prod.01j", "meta": {"promotion": {"actor": "ada"}}},
    "outputs": {"update": {"commitMessage": "Updated"}, "push": {"branch": "main", "commit": "0123abc"}},
}
CONFIG = {
    "repoURL": "${{ vars.repo }}",
    "checkout": [{"branch": "${{ vars.branch }}", "path": "./out"}, {"commit": "${{ outputs.push.commit }}"}],
    "path": "./out/${{ ctx.stage }}/values.yaml",
    "updates": [
        {"key": "image.tag", "value": "${{ imageFrom(vars.image).Tag }}"},
        {"key": "replicas", "value": "${{ vars.replicas }}"},
        {"key": "canary", "value": "${{ ctx.stage == 'prod' && vars.replicas > 1 }}"},
    ],
    "message": "${{ ctx.promotion }}: ${{ outputs['update'].commitMessage }}",
    "author": {"name": "${{ quote(ctx.meta.promotion.actor) }}", "email": "${{ vars.email ?? 'bot@example.com' }}"},
}
# The same for Go, which knows neither templates nor functions of ours: what they give stands in the variables.
CONFIG_IN_GO = (
    *("vars.repo", "vars.branch", "outputs.push.commit", "ctx.stage", "image.Tag", "vars.replicas"),
    *("ctx.stage == 'prod' && vars.replicas > 1", "ctx.promotion", "outputs['update'].commitMessage"),
    *("toJSON(ctx.meta.promotion.actor)", "vars.email ?? 'bot@example.com'"),
)


@dataclass(frozen=True, slots=True)
class Go:
    """expr-lang behind strings."""

    engine: Any = field(default_factory=lambda: _ffi.new_engine('{"strict_vars": false, "cache_size": 4096}'))

    def evaluate(self, expression: str, variables: str) -> str:
        """The value as JSON, within JSON that says how it went."""
        told: str = _ffi.eval_json(self.engine, expression, variables)
        if not told.startswith('{"ok":true'):
            raise RuntimeError(f"Go refuses {expression!r}: {told}")
        return told

    def within(self, expression: str, variables: str, times: int, rounds: int) -> float:
        """Seconds of one evaluation, without what JSON takes: `times` of them in one call, less a call of one."""
        many, one = (
            fastest(partial(self.evaluate, f"len(map(1..{count}, {expression}))", variables), rounds)
            for count in (times, 1)
        )
        return (many - one) / (times - 1)


def fastest(work: Callable[[], object], rounds: int) -> float:
    """Seconds of one call of `work`: the best of short rounds, as what else runs disturbs but never helps."""
    start = time.perf_counter()
    work()
    calls = max(1, int(ROUND / (time.perf_counter() - start)))
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(calls):
            work()
        taken.append(time.perf_counter() - start)
    return min(taken) / calls


async def measure(*, quick: bool = False) -> list[Row]:
    """Everything takes about a minute; `quick` repeats less often."""
    rounds = 3 if quick else 100
    go = Go()
    config = await asyncio.to_thread(lambda: list(_config(go, rounds)))
    rest = await asyncio.to_thread(lambda: [*_predicate(go, rounds), *_condition(go, rounds), *_read(go, rounds)])
    return [*config, *rest, *await asyncio.to_thread(_stream, go, 2_000 if quick else 50_000)]


def _config(go: Go, rounds: int) -> Iterator[Row]:
    functions = {"imageFrom": lambda _repository: {"Tag": "v1.2.3"}}

    def render() -> None:
        run = render_value(CONFIG, VARIABLES, functions)
        with contextlib.suppress(StopIteration):  # nothing in it waits
            run.send(None)

    seconds = fastest(render, rounds)
    variables = json.dumps({**VARIABLES, "image": {"Tag": "v1.2.3"}})
    text = fastest(lambda: [go.evaluate(each, variables) for each in CONFIG_IN_GO], rounds)
    inside = sum(go.within(each, variables, 5_000, rounds // 5 or 1) for each in CONFIG_IN_GO)
    count = len(CONFIG_IN_GO)
    figure = f"a step's config with {count} expressions"
    yield _row(figure, seconds, (f"{count} calls of Go", text))
    yield _row(figure, seconds, ("the expressions alone, within Go", inside))


def _predicate(go: Go, rounds: int) -> Iterator[Row]:
    yield from _both_ways(go, ("predicate over 1,000 maps", PREDICATE, PREDICATE), {"rows": ROWS}, (rounds, 20))


def _condition(go: Go, rounds: int) -> Iterator[Row]:
    plain = CONDITION.replace("success()", "succeeded")
    variables = {"succeeded": True, "ctx": VARIABLES["ctx"]}
    yield from _both_ways(go, (f"`{CONDITION}`", CONDITION, plain), variables, (rounds, 20_000))


def _both_ways(go: Go, what: tuple[str, str, str], variables: dict[str, Any], often: tuple[int, int]) -> Iterator[Row]:
    """With JSON on both sides, then without on either. `what` is the figure, the expression, and that for Go."""
    figure, expression, for_go = what
    rounds, times = often
    functions = {"success": lambda: True}
    line = orjson.dumps({"expr": for_go, "env": variables})
    text = json.dumps(variables)
    tree = parse(expression)
    crossing = fastest(lambda: answer(line), rounds)
    yield _row(f"{figure}, from JSON to JSON", crossing, ("Go", fastest(lambda: go.evaluate(for_go, text), rounds)))
    seconds = fastest(lambda: evaluate_now(tree, variables, functions), rounds)
    yield _row(f"{figure}, without JSON", seconds, ("within Go", go.within(for_go, text, times, rounds // 5 or 1)))


def _read(go: Go, rounds: int) -> Iterator[Row]:
    """Texts that nobody has seen before, each a little different."""
    numbers = iter(range(10_000, 10**9))

    def unseen() -> str:
        return PREDICATE.replace("> 10 ", f"> {next(numbers)} ")

    seconds = fastest(lambda: compiled(parse(unseen()).body, DEFAULT_BOUNDS.depth), rounds)
    empty = '{"rows": []}'
    known = fastest(lambda: go.evaluate(PREDICATE, empty), rounds)
    new = fastest(lambda: go.evaluate(unseen(), empty), rounds)
    yield _row("read the predicate for the first time", seconds, ("Go, a new text less a known one", new - known))
    yield Row("read it again", spell(fastest(lambda: parse(PREDICATE), rounds)))


def _stream(go: Go, count: int) -> list[Row]:
    """Lines for `argosy expr --jsonl`, of five hundred expressions, and a loop in Python around Go for the same."""
    lines = [
        orjson.dumps({"expr": f"vars.replicas + {number % 500} > 3 && ctx.stage == 'prod'", "env": VARIABLES})
        for number in range(count)
    ]
    program = [sys.executable, "-c", "from argosy.cli import main; main()", "expr", "--jsonl"]
    start = time.perf_counter()
    done = subprocess.run(program, input=b"\n".join(lines), stdout=subprocess.PIPE, check=True)
    ours = count / (time.perf_counter() - start)
    if done.stdout.count(b'"result"') != count:
        raise RuntimeError("a line has no result")
    start = time.perf_counter()
    for line in lines:
        asked = json.loads(line)
        json.loads(go.evaluate(f"toJSON({asked['expr']})", json.dumps(asked["env"])))
    theirs = count / (time.perf_counter() - start)
    baseline = f"a loop around Go: {theirs:,.0f} a second"
    return [Row("lines of `argosy expr --jsonl`", f"{ours:,.0f} a second", baseline, ours / theirs)]


def _row(figure: str, seconds: float, against: tuple[str, float]) -> Row:
    return compared(figure, seconds, against, more=f", {1 / seconds:,.0f} a second")
