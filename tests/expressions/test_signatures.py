"""What is known of functions before they run is about the functions there are."""

from argosy.expressions import signatures
from argosy.expressions.durations import METHODS
from argosy.expressions.functions import BUILTINS
from argosy.expressions.natures import Nature
from argosy.expressions.time_functions import LOCATION_METHODS, NAME_METHODS, TIME_METHODS

NAMED = {"time.Month": NAME_METHODS, "time.Weekday": NAME_METHODS, "*time.Location": LOCATION_METHODS}


def test_every_function_has_a_signature_and_every_signature_a_function() -> None:
    assert signatures.BUILTINS.keys() == BUILTINS.keys()


def test_every_method_has_a_signature_and_every_signature_a_method() -> None:
    methods = {"time.Time": TIME_METHODS, "time.Duration": METHODS, **NAMED}
    assert {name: set(known) for name, known in signatures.METHODS.items()} == {
        name: set(catalogue) for name, catalogue in methods.items()
    }


def test_a_signature_names_types_there_are() -> None:
    known = [each for methods in signatures.METHODS.values() for each in methods.values()]
    natures: list[Nature] = [nature for each in known for nature in (*each.parameters, each.result)]
    assert [nature for nature in natures if not nature.kind] == []
