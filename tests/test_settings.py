"""Settings: flags before the environment before defaults, and every fault named at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from argosy.errors import Invalid
from argosy.settings import Settings


def test_defaults_keep_everything_on_this_machine() -> None:
    settings = Settings.of({})
    assert settings.listen.startswith("127.0.0.1:")
    assert settings.allow_plain_http == "loopback"
    assert settings.store_url == f"sqlite:///{settings.data.resolve()}/argosy.db"


def test_the_encryption_key_never_lies_in_the_data_folder() -> None:
    settings = Settings.of({})
    assert not settings.key_file.is_relative_to(settings.data)


def test_the_environment_is_read_by_name() -> None:
    environment = {
        "ARGOSY_DATA": "/srv/argosy",
        "ARGOSY_LEAST_INTERVAL": "0.5",
        "ARGOSY_ALLOW_FILE_URLS": "false",
        "ARGOSY_PROMOTION_WORKERS": "3",
        "ARGOSY_UNHEARD_OF": "1",
        "DATA": "/elsewhere",
    }
    settings = Settings.of(environment)
    assert settings.data == Path("/srv/argosy")
    assert settings.store_url == "sqlite:////srv/argosy/argosy.db"
    assert (settings.least_interval, settings.allow_file_urls, settings.promotion_workers) == (0.5, False, 3)


def test_an_empty_variable_is_no_setting() -> None:
    assert Settings.of({"ARGOSY_LISTEN": ""}) == Settings.of({})


def test_flags_win_over_the_environment_unless_they_are_not_given() -> None:
    environment = {"ARGOSY_LISTEN": "127.0.0.1:1", "ARGOSY_STORE": "sqlite:///a.db"}
    settings = Settings.of(environment, listen="127.0.0.1:2", store=None)
    assert settings.listen == "127.0.0.1:2"
    assert settings.store_url == "sqlite:///a.db"


def test_every_fault_is_named_with_the_variable_to_correct() -> None:
    with pytest.raises(Invalid) as error:
        Settings.of({"ARGOSY_STAGE_WORKERS": "many", "ARGOSY_LEAST_INTERVAL": "0", "ARGOSY_ALLOW_PLAIN_HTTP": "maybe"})
    assert {problem.field for problem in error.value.problems} == {
        "stage_workers",
        "least_interval",
        "allow_plain_http",
    }
    assert "Correct ARGOSY_STAGE_WORKERS." in str(error.value)


def test_a_flag_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Invalid, match="nonsense"):
        Settings.of({}, nonsense=1)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings.of({}).listen = "0.0.0.0:80"
