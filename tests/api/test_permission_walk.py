"""Every operation of the API, asked by everybody: who is let in is what the table says, which people have read."""

from __future__ import annotations

from pathlib import Path

from tests.api.permission_walk import TABLE, kept, lines, table


async def test_every_operation_lets_in_whom_the_table_says(tmp_path: Path) -> None:
    found = await lines(tmp_path)
    said = kept()
    new = {name: found[name] for name in found.keys() - said.keys()}
    assert not new, f"{TABLE.name} does not say who may use these; add what should hold: {new}"
    assert not said.keys() - found.keys(), f"{TABLE.name} has lines of operations that are no more"
    assert {name: signs for name, signs in found.items() if said[name] != signs} == {}
    assert TABLE.read_text("utf-8") == table(found), "write the table anew, in the order of the operations"
