"""Authorities change so that at every moment what is shown is trusted by those who last looked a day ago."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from argosy.rules.authority_rotation import OVERLAP, RENEW_AUTHORITY, Authorities, Move, is_due, move

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (Authorities(None), Move.MAKE),
        (Authorities(NOW + RENEW_AUTHORITY + DAY), Move.KEEP),
        (Authorities(NOW + RENEW_AUTHORITY - DAY), Move.ANNOUNCE),
        (Authorities(NOW + DAY, announced=NOW), Move.KEEP),
        (Authorities(NOW + DAY, announced=NOW - OVERLAP), Move.SWITCH),
        (Authorities(NOW, announced=NOW), Move.SWITCH),
        (Authorities(NOW), Move.MAKE),
    ],
    ids=[
        "there is none",
        "it lasts",
        "it nears its end",
        "its successor is not known everywhere yet",
        "its successor is known",
        "it ended while nobody ran",
        "it ended without a successor",
    ],
)
def test_the_next_move(found: Authorities, wanted: Move) -> None:
    assert move(found, NOW) is wanted


def test_a_certificate_is_renewed_with_weeks_left() -> None:
    assert not is_due(NOW + 21 * DAY, NOW)
    assert is_due(NOW + 19 * DAY, NOW)
