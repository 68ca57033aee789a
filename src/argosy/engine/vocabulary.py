"""What the expressions of promotions and verifications can name, place by place."""

from __future__ import annotations

from argosy.expressions import Shape, Vocabulary

CONTEXT: Shape = {
    "uiBaseUrl": None,
    "project": None,
    "promotion": None,
    "stage": None,
    "targetFreight": {"name": None, "alias": None, "origin": {"name": None}},
    "meta": {"promotion": {"actor": None, "rollback": None}, "step": {"alias": None}},
}

_GENERAL = {
    "warehouse": (1, 1),
    "commitFrom": (1, 2),
    "imageFrom": (1, 2),
    "chartFrom": (1, 3),
    "artifactFrom": (1, 2),
    "configMap": (1, 1),
    "sharedConfigMap": (1, 1),
    "secret": (1, 1),
    "sharedSecret": (1, 1),
    "repoCredentials": (1, 2),
    "freightMetadata": (1, 1),
    "freightStatus": (1, 1),
    "stageMetadata": (1, 1),
    "semverParse": (1, 1),
    "semverDiff": (2, 2),
    "now": (0, 1),
    "quote": (1, 1),
    "unsafeQuote": (1, 1),
    "asYAML": (1, 1),
    "asJSON": (1, 1),
}
_STATUS = {"always": (0, 0), "failure": (0, 0), "success": (0, 0), "status": (1, 1)}

VARIABLES = Vocabulary({"ctx": CONTEXT, "vars": None}, _GENERAL)
"""The variables of a Stage and of its promotion template."""

STEP_VARIABLES = VARIABLES.extended(outputs=None, stepMetas=None)
"""The variables of a step; inside of a task there is `task`, too."""

STEP = Vocabulary(STEP_VARIABLES.variables, {**_GENERAL, **_STATUS})
"""`if` and `config` of a step."""

VERIFICATION = Vocabulary({"ctx": {"project": None, "stage": None}, "vars": None}, _GENERAL)
"""The arguments of a verification, and the variables of the Stage as they see them."""
