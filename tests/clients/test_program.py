"""Running programs: bounded, isolated, nothing left behind."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from argosy.clients.program import Call, Finished, Limits, run
from argosy.errors import Permanent, Temporary


def python(code: str, **fields: bytes) -> Call:
    return Call([sys.executable, "-S", "-c", code], {"GREETING": "hello"}, Path("/"), **fields)


async def test_input_output_and_exit_code_are_passed() -> None:
    done = await run(python("import sys; print(sys.stdin.read().upper()); sys.exit(3)", stdin=b"x" * 200_000), Limits())
    assert (done.code, done.stdout) == (3, b"X" * 200_000 + b"\n")


async def test_nothing_of_our_environment_is_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARGOSY_SECRET", "s3cret")
    done = await run(python("import os; print(sorted(os.environ))"), Limits())
    assert b"GREETING" in done.stdout
    assert b"ARGOSY_SECRET" not in done.stdout


async def test_a_program_that_does_not_read_its_input_ends_well() -> None:
    assert (await run(python("print(1)", stdin=b"x" * 1_000_000), Limits())).code == 0


async def test_too_much_output_is_an_error() -> None:
    with pytest.raises(Permanent, match="more than 1000 bytes"):
        await run(python("while True: print('x' * 1000)"), Limits(output=1000))


async def test_where_less_is_enough_a_program_that_writes_on_is_ended() -> None:
    done = await run(python("print('x' * 3, flush=True)\nwhile True: print('y' * 1000)"), Limits(output=1000, cut=True))
    assert done == Finished(0, b"xxx\n" + b"y" * 996, b"")
    done = await run(python("import sys; print('x' * 99); sys.exit(3)"), Limits(output=100, cut=True))
    assert (done.code, len(done.stdout)) == (3, 100)


async def test_of_many_errors_the_last_are_kept() -> None:
    done = await run(python("import sys; sys.stderr.write('x' * 500_000 + 'end')"), Limits())
    assert done.stderr.endswith(b"end")
    assert len(done.stderr) == 64 * 1024


async def test_what_no_program_can_be_given_is_permanent() -> None:
    with pytest.raises(Permanent, match="NUL"):
        await run(Call(["git", "a\0b"], {}, Path("/")), Limits())
    with pytest.raises(Permanent, match="Argument list too long"):
        await run(Call(["git"], {"NAME": "x" * 1_000_000}, Path("/")), Limits())


async def test_a_missing_program_is_permanent() -> None:
    with pytest.raises(Permanent, match="no-such-program was not found"):
        await run(Call(["no-such-program"], {"PATH": "/usr/bin"}, Path("/")), Limits())


@pytest.mark.parametrize("signals", ["", "signal.signal(signal.SIGTERM, signal.SIG_IGN);"])
async def test_when_time_is_up_the_whole_family_goes(signals: str, tmp_path: Path) -> None:
    family = tmp_path / "family"
    code = (
        f"import os, signal, time; {signals} os.fork(); "
        f"open({str(family)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(60)"
    )
    with pytest.raises(Temporary, match="did not finish within 1 seconds"):
        await run(python(code), Limits(seconds=1, grace=0.2))
    members = [int(line) for line in family.read_text().split()]
    assert len(members) == 2
    async with asyncio.timeout(10):  # the kernel ends who was killed in a moment, not at once
        while any(alive(pid) for pid in members):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and only waits for its parent does not."""
    try:
        os.kill(pid, 0)
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False
