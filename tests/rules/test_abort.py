"""Abort: what the annotation asks for, and what a promotion is left as."""

from __future__ import annotations

from typing import Any

import pytest
from tests.rules.pipeline_case import NOW, a_promotion, ago

from argosy.resources.promotion import PromotionStatus
from argosy.rules.abort import AbortRequest, abort_request, aborted


@pytest.mark.parametrize(
    ("annotation", "request_"),
    [
        pytest.param("terminate", AbortRequest("terminate"), id="the action alone"),
        pytest.param('{"action":"terminate"}', AbortRequest("terminate"), id="JSON"),
        pytest.param(
            '{"action":"terminate","actor":"admin","controlPlane":true}',
            AbortRequest("terminate", "admin"),
            id="JSON with an actor",
        ),
        pytest.param("", None, id="nothing"),
        pytest.param("later", None, id="another action"),
        pytest.param('{"actor":"admin"}', None, id="no action"),
        pytest.param('["terminate"]', None, id="a list"),
        pytest.param("7", None, id="a number"),
    ],
)
def test_what_is_asked(annotation: str, request_: AbortRequest | None) -> None:
    assert abort_request({"kargo.akuity.io/abort": annotation}) == request_


def test_nothing_is_asked_without_the_annotation() -> None:
    assert abort_request({}) is None


def after(status: dict[str, Any], actor: str = "") -> PromotionStatus:
    return aborted(a_promotion("dev.1", status=status).status, AbortRequest("terminate", actor), NOW)


def test_a_pending_promotion_ends_aborted() -> None:
    status = after({"phase": "Pending"}, "admin")
    assert (status.phase, status.finished_at) == ("Aborted", NOW)
    assert status.message == "Promotion terminated by admin"
    assert after({}).message == "Promotion terminated per user request"


def test_the_running_step_ends_with_it_and_the_journal_goes() -> None:
    steps = [
        {"alias": "a", "status": "Succeeded", "finishedAt": ago(5)},
        {"alias": "b", "status": "Running", "startedAt": ago(4)},
    ]
    status = after({"phase": "Running", "stepExecutionMetadata": steps, "journal": {"pins": {}}, "state": {"a": 1}})
    assert [(step.status, step.finished_at is not None) for step in status.step_execution_metadata] == [
        ("Succeeded", True),
        ("Aborted", True),
    ]
    assert status.step_execution_metadata[1].finished_at == NOW
    assert status.journal is None
    assert status.state == {"a": 1}
