"""The arguments of a verification: what `args` of a Stage stand for.

Behaviour follows `startVerification` in Kargo's `pkg/controller/stages/regular_stages.go` and `buildArgs` in its
`pkg/rollouts/analysis_run_builder.go`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from argosy.engine.functions.resource import Reader
from argosy.engine.scope import general, rendered
from argosy.errors import Permanent
from argosy.resources.stage import Stage
from argosy.rules.artifact import Cargo


async def arguments(stage: Stage, cargo: Cargo, reader: Reader, now: datetime) -> dict[str, str]:
    """The arguments by name; those without a value are left out, for the template may have one.

    Expressions see the Stage's own variables, evaluated in order, and of `ctx` only `project` and `stage`: a
    verification is of what the Stage uses, not of a promotion.

    Args:
        cargo: the Freight that the Stage uses.
        reader: reads other resources of the Project.
        now: what `now()` says.

    Raises:
        ExpressionError: an expression cannot be computed; its field says which.
        Permanent: an argument is no text.
    """
    functions = general(cargo, reader, now)
    variables: dict[str, Any] = {}
    env = {"ctx": {"project": stage.namespace, "stage": stage.name}, "vars": variables}
    for index, variable in enumerate(stage.spec.vars):
        field = f"spec.vars[{index}].value"
        variables[variable.name] = await rendered(variable.value, env, functions, field)
    found: dict[str, str] = {}
    for index, argument in enumerate(stage.spec.verification.args if stage.spec.verification is not None else ()):
        if not argument.value:
            continue
        field = f"spec.verification.args[{index}].value"
        value = await rendered(argument.value, env, functions, field)
        if not isinstance(value, str):
            raise Permanent(
                f"the value of the argument {argument.name!r} must be a text, but it reads as {type(value).__name__}",
                advice="Keep it a text with quote(), for example ${{ quote(vars.replicas) }}.",
            )
        found[argument.name] = value
    return found
