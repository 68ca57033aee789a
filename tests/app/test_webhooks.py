"""Where the webhooks are served, and what is told when the settings do not say it."""

from __future__ import annotations

from typing import Any

import pytest

from argosy.api.health import Health
from argosy.app.metrics import Metrics
from argosy.app.status import Served
from argosy.app.webhooks import Place, serve_webhooks
from argosy.errors import Invalid
from argosy.settings import Settings
from argosy.testing.clock import FakeClock


def settings(**given: Any) -> Settings:
    return Settings.of({}, **given)


def test_a_service_is_called_by_its_name_in_the_cluster() -> None:
    place = Place.of(settings(webhook_service="ops/argosy:9443", webhook_secret="ops/keys"))
    assert place.client == {"service": {"namespace": "ops", "name": "argosy", "port": 9443}}
    assert place.hosts == ("argosy.ops.svc", "argosy.ops")
    assert place.secret == ("ops", "keys")


def test_a_url_is_called_as_it_is() -> None:
    place = Place.of(settings(webhook_url="https://hooks.example:9443/x"))
    assert (place.client, place.hosts) == ({"url": "https://hooks.example:9443/x"}, ("hooks.example",))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"webhook_service": "argosy"},
        {"webhook_service": "ops/argosy:https"},
        {"webhook_url": "http://hooks.example"},
        {"webhook_url": "https://hooks.example", "webhook_secret": "keys"},
    ],
)
def test_a_place_that_is_none_is_told(given: dict[str, str]) -> None:
    with pytest.raises(Invalid, match=r"webhook"):
        Place.of(settings(**given))


async def test_webhooks_need_resources_in_a_cluster() -> None:
    served = Served(Health(), Metrics())
    with pytest.raises(Invalid, match="kept elsewhere"):
        async with serve_webhooks(settings(webhook_listen="127.0.0.1:0"), None, FakeClock(), served):  # type: ignore[arg-type]
            pass
