"""Check the size budgets of the house: files, functions, parameters and nesting.

A file has at most 300 lines by preference (reported) and 500 by law (600 in tests); a function 40 lines,
6 parameters and 3 levels of nesting. Docstrings, blank lines and comments of a function do not count.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

SOFT_FILE, HARD_FILE, TEST_FILE = 300, 500, 600
FUNCTION, PARAMETERS, NESTING = 40, 6, 3
NESTS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def code_lines(function: Function, lines: list[str]) -> int:
    """Lines of code in `function`: without its docstring, blank lines and comments."""
    start = function.body[0].lineno - 1
    if ast.get_docstring(function) is not None:
        start = function.body[0].end_lineno or start
    body = lines[start : function.end_lineno]
    return sum(1 for line in body if line.strip() and not line.strip().startswith("#"))


def nesting(node: ast.AST, depth: int = 0) -> int:
    """The deepest level of nested blocks; `elif` is no deeper than its `if`, inner functions start anew."""
    deepest = depth
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, Function | ast.ClassDef | ast.Lambda):
                continue
            chained = (
                name == "orelse" and isinstance(child, ast.If) and isinstance(node, ast.If) and len(node.orelse) == 1
            )
            deeper = depth + 1 if isinstance(child, NESTS) and not chained else depth
            deepest = max(deepest, nesting(child, deeper))
    return deepest


def parameters(function: Function) -> int:
    args = function.args
    named = [arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
    return len([name for name in named if name not in ("self", "cls")])


def check(path: Path) -> tuple[list[str], list[str]]:
    """Returns (errors, advice) for one file."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    in_tests = path.parts[0] == "tests"
    hard = TEST_FILE if in_tests else HARD_FILE
    errors = [f"{path}: {len(lines)} lines, the limit is {hard}"] if len(lines) > hard else []
    advice = (
        [f"{path}: {len(lines)} lines, over {SOFT_FILE}"] if SOFT_FILE < len(lines) <= hard and not in_tests else []
    )
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, Function):
            continue
        where = f"{path}:{node.lineno}: {node.name}"
        for what, measured, limit in (
            ("lines of code", code_lines(node, lines), FUNCTION),
            ("parameters", parameters(node), PARAMETERS if not in_tests else 10),
            ("levels of nesting", nesting(node), NESTING),
        ):
            if measured > limit:
                errors.append(f"{where}: {measured} {what}, the limit is {limit}")
    return errors, advice


def main() -> int:
    results = [check(path) for root in ("src", "tests", "bench", "tools") for path in sorted(Path(root).rglob("*.py"))]
    for line in (line for _, advice in results for line in advice):
        print(f"note: {line}")
    errors = [line for found, _ in results for line in found]
    print(*errors, sep="\n", end="\n" if errors else "")
    print(f"{len(results)} files, {len(errors)} over budget")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
