"""`expressionFilter` of a Git subscription: which commits or tags an expression lets through.

Behaviour follows Kargo's `pkg/controller/git/commit` (`newest_from_branch_selector.go`, `tag_based_selector.go`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from argosy.errors import Permanent
from argosy.expressions import ExpressionError, Time, Vocabulary, evaluate_now, now_at, parse, walk
from argosy.expressions.syntax import Call
from argosy.rules.commit import Commit, Tag
from argosy.rules.criteria import truth

_FUNCTIONS = {"now": (0, 1)}
COMMIT_FILTER = Vocabulary(dict.fromkeys(("id", "commitDate", "author", "committer", "subject")), _FUNCTIONS)
"""What a filter of commits on a branch can name."""

TAG_FILTER = Vocabulary(
    dict.fromkeys(("tag", "id", "creatorDate", "author", "committer", "subject", "tagger", "annotation")), _FUNCTIONS
)
"""What a filter of tags can name."""

Judge = Callable[[Commit | Tag], bool]


def commit_filter(source: str, now: datetime) -> Judge:
    """A function that tells whether a commit or a tag counts; without an expression all do.

    Raises Permanent, as the function does, when the expression cannot be read or computed, or is neither true nor
    false.
    """
    if not source.strip():
        return lambda _: True
    try:
        expression = parse(source)
    except ExpressionError as error:
        raise _refused(error) from error
    functions = now_at(now)

    def judge(found: Commit | Tag) -> bool:
        try:
            value = evaluate_now(expression, environment(found), functions)
        except ExpressionError as error:
            raise _refused(error) from error
        answer = truth(value)
        if answer is None:
            raise Permanent(
                "expressionFilter is neither true nor false",
                advice="Compare something, for example !(author contains '<bot@example.com>').",
            )
        return answer

    return judge


def depends_on_time(source: str) -> bool:
    """Whether what the filter says of a commit can change although the commit does not."""
    try:
        return any(isinstance(node, Call) and node.name == "now" for node in walk(parse(source).body))
    except ExpressionError:
        return False


def environment(found: Commit | Tag) -> dict[str, Any]:
    """What a filter sees of a commit or a tag; dates are in UTC."""
    common = {"author": found.author, "committer": found.committer, "subject": found.subject}
    if isinstance(found, Commit):
        return {**common, "id": found.id, "commitDate": Time.of(found.date)}
    return {
        **common,
        "tag": found.name,
        "id": found.commit,
        "creatorDate": Time.of(found.date),
        "tagger": found.tagger,
        "annotation": found.annotation,
    }


def _refused(error: ExpressionError) -> Permanent:
    return Permanent(f"expressionFilter: {error.message}", advice=error.advice)
