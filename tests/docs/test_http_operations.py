"""The page of HTTP operations lists what is served."""

from tools.api_docs import FILE, page


def test_the_page_is_current() -> None:
    assert FILE.read_text() == page(), "run `python tools/api_docs.py`"
