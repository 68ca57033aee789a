"""Aliases are words that fit a label."""

import re
from random import Random

from argosy.rules.alias import alias


def test_an_alias_is_two_words_and_a_hyphen() -> None:
    for seed in range(200):
        assert re.fullmatch(r"[a-z]+-[a-z]+", alias(Random(seed)))


def test_chance_decides_and_there_are_many() -> None:
    assert alias(Random(1)) == alias(Random(1))
    assert len({alias(Random(seed)) for seed in range(500)}) > 450
