"""What a promotion reads from Secrets appears in none of its messages, warnings or log lines."""

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from argosy.engine.redaction import MASK, Redactor

Make = Callable[..., Any]
SECRET = "pa55-line-one\npa55-line-two"
DOCUMENT = {
    "metadata": {"name": "login", "namespace": "demo"},
    "data": {"password": base64.b64encode(SECRET.encode()).decode()},
}


def with_secret(run: Any) -> Any:
    run.world.documents["Secret", "demo", "login"] = DOCUMENT
    return run


@pytest.mark.parametrize("how", ["failed", "permanent"])
async def test_a_failure_that_quotes_a_secret_is_told_without_it(bench: Make, how: str) -> None:
    message = "refused ${{ split(secret('login').password, '\\n')[1] }} for ada"
    run = with_secret(bench({"uses": "fail", "config": {"how": how, "message": message}}))
    status = await run.run()
    told = f"{status.message} {status.step_execution_metadata[0].message} {run.log()}"
    assert f"refused {MASK} for ada" in told
    assert "pa55" not in told


async def test_a_secret_is_masked_in_later_steps_that_use_the_same_variable(bench: Make) -> None:
    config = {"warning": "used ${{ vars.key }}", "length": "${{ len(vars.key) }}"}
    run = with_secret(
        bench(
            {"uses": "compute", "as": "use", "config": config},
            vars=[{"name": "key", "value": "${{ secret('login').password }}"}],
        )
    )
    advance = await run.step()
    assert advance.warnings == (f"step 'use' (compute): used {MASK}",)
    assert run.status.state["use"]["length"] == len(SECRET)


def test_short_values_are_not_masked_and_the_longest_goes_first() -> None:
    redactor = Redactor()
    redactor.hide(["abc", "secret", "secret-longer"])
    assert redactor.clean("abc secret-longer secret") == f"abc {MASK} {MASK}"


@pytest.mark.parametrize("secret", ['hunt\\er"2', "hünter\t2"])
async def test_a_secret_is_masked_as_a_message_escapes_it(bench: Make, secret: str) -> None:
    run = bench({"uses": "compute", "if": "${{ secret('login').password }}", "config": {}})
    data = {"password": base64.b64encode(secret.encode()).decode()}
    run.world.documents["Secret", "demo", "login"] = {**DOCUMENT, "data": data}
    message = (await run.run()).step_execution_metadata[0].message
    assert f"is '{MASK}'" in message


@pytest.mark.parametrize("secret", ["hush&hush<1>", "päss w/rd+", "correct-horse", "abcde", "abcdef", "abcdefg"])
def test_a_secret_is_masked_in_the_forms_it_is_sent_in(secret: str) -> None:
    redactor = Redactor()
    redactor.hide([secret])
    escaped = json.dumps(secret, ensure_ascii=False).replace("&", "\\u0026").replace("<", "\\u003c")
    assert redactor.clean(f"body {escaped}".replace(">", "\\u003e")) == f'body "{MASK}"'
    assert redactor.clean(f"?key={quote(secret, safe='')}&a=b") == f"?key={MASK}&a=b"
    for before in ("", "a", "ab", "robot:"):
        for after in ("", ":x", ":xy", "@host"):
            text = f"{before}{secret}{after}".encode()
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                sent = encode(text).decode()
                told = redactor.clean(sent)
                assert MASK in told
                # Of the secret itself, at most a part of one letter at either end is left.
                assert sum(map(len, told.split(MASK))) <= len(sent) - len(base64.b64encode(secret.encode())) + 8
