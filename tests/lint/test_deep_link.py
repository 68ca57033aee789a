"""Lint reads the links of a ProjectConfig, their conditions and their URLs."""

import pytest

from argosy.lint.check import lint
from argosy.resources.manifest import parse_manifests

CONFIG = """
apiVersion: kargo.akuity.io/v1alpha1
kind: ProjectConfig
metadata: {name: shop, namespace: shop}
spec:
  freightLinks:
    - title: Notes
      url: '%s'
      if: '%s'
"""


@pytest.mark.parametrize(
    ("url", "condition", "rules"),
    [
        pytest.param("https://x/{{ .freight.alias | upper }}", "freight.alias != nil", [], id="a link that is right"),
        pytest.param("https://x/{{ .freight.alias", "true", ["expression"], id="a URL that cannot be read"),
        pytest.param("https://x/{{ uper .freight.alias }}", "true", ["expression"], id="an unknown function"),
        pytest.param("https://x/", "fright.alias == nil", ["unknown-name"], id="a condition about nothing"),
    ],
)
def test_links_are_checked(url: str, condition: str, rules: list[str]) -> None:
    found = lint(*parse_manifests(CONFIG % (url, condition), "file.yaml"))
    assert [each.rule for each in found] == rules
