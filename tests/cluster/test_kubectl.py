"""kubectl against both servers: the same command lines in the same order get the same answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.cluster.kubectl_case import DIFFERENCES, SCENARIOS, SPACE, Command
from tests.cluster.two_servers_case import Side, two_servers

from argosy.testing.cluster import Cluster
from argosy.testing.kubectl import Ran

pytestmark = pytest.mark.xdist_group("two-servers")

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "kubectl.md"
REPLACED = {
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}": "UID",
    r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*( \+0000)?": "TIME",
    r"(\"?resourceVersion\"?: |Resource Version: +)[\"\w]+": "VERSION",
    r"(LIVE|MERGED)-\d+/": r"\1/",
    r"(?m)^W\d{4} \S+ +\d+ ": "",  # the head of a line of kubectl's own log
    r"(?m)(?<=\s)\d+m?\d*s$": "AGE",
    r"(?m)(?<=\s)\d+m?\d*s +(?=\S+$)": "AGE ",
}
"""What no two runs have in common."""


@pytest.fixture(scope="module")
def sides(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Side, Side]]:
    with two_servers(cluster, tmp_path_factory.mktemp("typed")) as both:
        for side in both:
            body = {"metadata": {"name": SPACE, "labels": {"kargo.akuity.io/project": "true"}}}
            assert side.http.post("/api/v1/namespaces", json=body).status_code == 201
        yield both


def seen(ran: Ran, side: Side) -> dict[str, str]:
    """What a command came to, without what no two runs have in common."""
    shown = {"out": ran.out, "err": ran.err}
    for name, text in shown.items():
        text = text.replace(str(side.http.base_url).rstrip("/"), "SERVER")
        for pattern, word in REPLACED.items():
            text = re.sub(pattern, word, text)
        if "kind: ConfigMap" in text or "kind: Secret" in text:
            text = re.sub(r"(?m)^  generation: \d+\n", "", text)
        shown[name] = text
    return {"code": str(ran.code), **shown}


def answer(side: Side, command: Command) -> dict[str, str]:
    side.editor.write_text(command.edit)
    return seen(side.kubectl(*command.words, stdin=command.stdin), side)


def at_once(sides: tuple[Side, Side], command: Command) -> list[dict[str, str]]:
    """Ours and theirs; neither waits for the other."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda side: answer(side, command), sides))


@pytest.mark.parametrize("name", SCENARIOS)
def test_both_servers_answer_alike(sides: tuple[Side, Side], name: str) -> None:
    for command in SCENARIOS[name]:
        ours, theirs = at_once(sides, command)
        where = DIFFERENCES.get(command.differs)
        if where is not None:
            assert ours[where], command.line
            assert ours.pop(where) != theirs.pop(where), f"they no longer differ: {command.line}"
        assert ours == theirs, command.line


def watched(side: Side) -> list[str]:
    """What a watch prints while a ConfigMap comes, changes and goes."""
    arguments = ("get", "configmaps", "-n", SPACE, "-w", "--output-watch-events", "-l", "seen=yes", "--no-headers")
    name = ("configmap", "seen", "-n", SPACE)
    side.kubectl("create", *name)
    side.kubectl("label", *name, "seen=yes")
    with side.kubectl.start(*arguments) as watch:
        assert watch.stdout is not None
        lines = [watch.stdout.readline()]
        side.kubectl("patch", *name, "-p", '{"data":{"a":"1"}}')
        side.kubectl("label", *name, "seen-")
        side.kubectl("delete", *name)
        lines += [watch.stdout.readline() for _ in range(2)]
        watch.terminate()
    return [" ".join(line.split()[:3]) for line in lines]


def test_a_watch_prints_the_same(sides: tuple[Side, Side]) -> None:
    ours, theirs = (watched(side) for side in sides)
    assert ours == theirs == ["ADDED seen 0", "MODIFIED seen 1", "DELETED seen 1"]


def test_the_differences_are_told() -> None:
    told = PAGE.read_text()
    assert [sort for sort in DIFFERENCES if f"| {sort} |" not in told] == []
