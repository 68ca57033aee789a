"""The settings page says what the settings are."""

from tools.setting_docs import FILE, page


def test_the_page_is_current() -> None:
    assert FILE.read_text() == page(), "run `python tools/setting_docs.py`"
