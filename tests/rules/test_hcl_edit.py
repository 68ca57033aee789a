"""HCL is edited in place: the value changes, and no other byte."""

from __future__ import annotations

from typing import Any

import pytest

from argosy.errors import Permanent
from argosy.rules.edit import Update
from argosy.rules.hcl_edit import edit

TEXT = r"""# variables
image_uri = "registry/app:1" # keep
replicas=3
tags = { version = "1", "a.b" = 2 }
zones = [1, "x"]

resource "aws_lambda_function" "app" {
  image_uri = "${var.registry}:1"
  env { variables = { A = "b" } }
  env { variables = { A = "c" } }
  script = <<EOT
echo
EOT
}
resource "aws_lambda_function" "other" { image_uri = var.image }
"""
APP = "resource.aws_lambda_function.app"


@pytest.mark.parametrize(
    ("key", "value", "before", "after"),
    [
        ("image_uri", "registry/app:2", '"registry/app:1"', '"registry/app:2"'),
        ("replicas", 4, "=3", "=4"),
        ("replicas", 0.5, "=3", "=0.5"),
        ("replicas", True, "=3", "=true"),
        ("tags.version", "2", 'version = "1"', 'version = "2"'),
        (r"tags.a\.b", 3, '"a.b" = 2', '"a.b" = 3'),
        ("zones.1", "y", '"x"', '"y"'),
        (f"{APP}.image_uri", "new", '"${var.registry}:1"', '"new"'),
        ("resource.aws_lambda_function.other.image_uri", "new", "var.image }", '"new" }'),
        (f"{APP}.env.1.variables.A", "d", '"c"', '"d"'),
        (f"{APP}.script", "echo", "<<EOT\necho\nEOT", '"echo"'),
        ("image_uri", '${x} %{y} "z" \\ \t\x01', '"registry/app:1"', '"$${x} %%{y} \\"z\\" \\\\ \\t\\u0001"'),
    ],
)
def test_one_value_changes(key: str, value: Any, before: str, after: str) -> None:
    assert edit(TEXT.encode(), [Update(key, value)]).decode() == TEXT.replace(before, after, 1)


def test_several_values_change() -> None:
    edited = edit(
        TEXT.encode(), [Update("replicas", 10), Update(f"{APP}.env.0.variables.A", "é"), Update("replicas", 11)]
    )
    assert edited.decode() == TEXT.replace("=3", "=11").replace('"b"', '"é"')


@pytest.mark.parametrize(
    ("text", "key", "value", "problem"),
    [
        (TEXT, "image_url", "x", "not in the file. The file has image_uri"),
        (TEXT, f"{APP}.image", "x", r"not in the file. The file has resource.aws_lambda_function.app"),
        (TEXT, f"{APP}.env.variables.A", "x", "is 2 times in the file. Put the index"),
        (TEXT, f"{APP}.env.7.variables.A", "x", "not in the file"),
        (TEXT, "tags", "x", "holds a collection"),
        (TEXT, "replicas.x", "x", "not in the file"),
        (TEXT, APP, "x", "not in the file"),
        (TEXT, "replicas", None, "not a text, a number or a boolean"),
        (TEXT, "replicas", float("inf"), "not a text, a number or a boolean"),
        ("a = {\n", "a", 1, "the file is no HCL: line"),
        ("", "a", 1, "The file is empty"),
    ],
)
def test_what_cannot_be_done_is_told(text: str, key: str, value: Any, problem: str) -> None:
    with pytest.raises(Permanent) as raised:
        edit(text.encode(), [Update(key, value)])
    assert problem in str(raised.value)
