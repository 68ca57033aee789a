"""What stories of plans have in common: a Stage that gets the commits of one repository into a branch of its own."""

from __future__ import annotations

_PROJECT = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Project
metadata: {name: demo}
---
"""
_STAGE = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {name: code, namespace: demo}
spec: {interval: 1s, subscriptions: [{git: {repoURL: CODE}}]}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: prod, namespace: demo}
spec:
  requestedFreight: [{origin: {kind: Warehouse, name: code}, sources: {direct: true}}]
  promotionTemplate:
    spec:
      steps:
      - uses: git-clone
        config:
          repoURL: CODE
          checkout:
          - {commit: "${{ commitFrom('CODE').ID }}", path: ./src}
          - {branch: stage/prod, create: true, path: ./out}
"""


def promoting_code(others: str, steps: str) -> str:
    """A Project with a Warehouse of `CODE` and a Stage; the commit lies in `./src`, the Stage's branch in `./out`.

    `others` are more resources, each with its `---` behind it; `steps` follow the checkout.
    """
    return f"{_PROJECT}{others.lstrip()}{_STAGE.lstrip()}{steps.lstrip(chr(10))}"
