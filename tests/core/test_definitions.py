"""Whatever is wrong with what staff write is told in a person's words, never in those of the reader of types."""

import inspect
from importlib import import_module

import msgspec
import pytest

from apps.core.definitions import flaw_of

MODULES = (
    *("interventions.definition", "interventions.conditions", "milestones.definition", "coaching.definition", "alerts.rules.definition"),
    *("campaigns.definition", "campaigns.surveys.definition", "campaigns.segments.grammar", "community.referrals.definition"),
)
WRONG = ("", "x" * 9_000, "Ä b", -1, 10**12, 0, 1.5, True, None, [], [1], ["x"] * 500, {}, {"a": 1}, {"Ä": "x"})


def parts(module):
    """Every struct that a module defines; what cannot be read alone is left to those that hold it."""
    for part in vars(import_module(f"apps.{module}")).values():
        if inspect.isclass(part) and issubclass(part, msgspec.Struct) and part.__module__ == f"apps.{module}":
            yield part


def refusals(part):
    """The flaws of one wrong value after another in each of its fields."""
    config = part.__struct_config__
    for field in msgspec.structs.fields(part):
        for value in WRONG:
            try:
                msgspec.convert({**({config.tag_field: config.tag} if config.tag else {}), field.encode_name: value}, part)
            except (msgspec.ValidationError, ValueError) as error:
                yield flaw_of(error)
            except TypeError as error:
                # Two kinds of parts that the reader cannot tell apart: the app reads those itself.
                assert "union" in str(error)  # noqa: PT017


@pytest.mark.parametrize("module", MODULES)
def test_no_flaw_speaks_of_types(module):
    found = [flaw for part in parts(module) for flaw in refusals(part)]
    assert len(found) > 10
    assert [flaw for flaw in found if "`" in flaw[1] or flaw[1].startswith(("Expected", "Object", "Invalid"))] == []
    assert [flaw for flaw in found if "`" in flaw[0] or "$" in flaw[0]] == []


class Row(msgspec.Struct, forbid_unknown_fields=True):
    count: int
    at: list[int] = []
    share: float | None = None


class Sheet(msgspec.Struct):
    rows: list[Row]


@pytest.mark.parametrize(
    ("row", "place", "words"),
    [
        ({}, "lines[3].rows[0].count", "This is missing."),
        ({"count": "many"}, "lines[3].rows[0].count", "This needs a whole number."),
        ({"count": 1, "share": "much"}, "lines[3].rows[0].share", "This needs a number."),
        ({"count": 1, "at": [1, "x"]}, "lines[3].rows[0].at[1]", "This needs a whole number."),
        ({"count": 1, "at": "x"}, "lines[3].rows[0].at", "This needs a list."),
        ({"count": 1, "colour": 1}, "lines[3].rows[0]", "“colour” is not known here."),
    ],
)
def test_a_flaw_stands_at_its_place_within_what_holds_it(row, place, words):
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert({"rows": [row]}, Sheet)
    assert flaw_of(refused.value, "lines[3]") == (place, words)
