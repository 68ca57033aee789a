"""Signals reach whom they concern, and none is lost between a look and the listening that follows it."""

from __future__ import annotations

from argosy.resources.meta import Key
from argosy.runtime.signal import Signals

WEB, API, STAGE = Key("Promotion", "p", "web"), Key("Promotion", "p", "api"), Key("Stage", "p", "web")


class Told:
    def __init__(self) -> None:
        self.signals = Signals()
        self.keys: list[Key] = []
        for kind in ("Promotion", "Stage"):
            self.signals.attach(kind, self.keys.append)

    def after(self, *subjects: str) -> list[Key]:
        """Who is looked at when these change."""
        self.keys.clear()
        self.signals.tell(*subjects)
        return list(self.keys)


def test_each_hears_of_its_own_subjects_until_it_listens_to_others() -> None:
    told = Told()
    told.signals.listen(WEB, ["a", "b"], told.signals.mark)
    told.signals.listen(API, ["b"], told.signals.mark)
    told.signals.listen(STAGE, ["a"], told.signals.mark)
    assert told.after("a") == [WEB, STAGE]
    assert told.after("b", "a") == [API, WEB, STAGE]
    told.signals.listen(WEB, ["b"], told.signals.mark)
    assert told.after("a") == [STAGE]
    told.signals.listen(STAGE, (), told.signals.mark)
    assert told.after("a", "nobody's") == []


def test_a_change_during_the_look_is_not_lost() -> None:
    told = Told()
    mark = told.signals.mark
    told.signals.tell("a")
    told.signals.listen(WEB, ["a"], mark)
    assert told.keys == [WEB]
    told.keys.clear()
    told.signals.listen(WEB, ["a"], told.signals.mark)
    told.signals.listen(API, ["b"], mark)
    assert told.keys == [], "what was there before the look is known"


def test_keys_of_kinds_that_nobody_works_on_are_passed_over() -> None:
    told = Told()
    told.signals.listen(Key("Warehouse", "p", "w"), ["a"], told.signals.mark)
    assert told.after("a") == []
