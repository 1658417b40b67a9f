"""What every template may use, with an example of each: the linter knows the names by it, and tries the words on it."""

from collections.abc import Iterator, Mapping
from typing import Any

# `play` is what the steps of plays pass besides.
EXAMPLES: dict[str, Any] = {
    "contact": {"name": "Alexandra Lindqvist", "first_name": "Alexandra", "email": "alexandra@customer.example"},
    "account": {"name": "Riverside Dental Group", "plan": "team"},
    "csm": {"name": "Dana Ray"},
    "play": {"name": "Save a fading account"},
}
# Of texts and lists Liquid itself knows these.
_OF_ANYTHING = ("size", "first", "last")


def known(path: list[Any], values: Mapping[str, Any]) -> bool:
    """Whether a template that is given `values` can ask for this."""
    inside: Any = values
    for place, name in enumerate(path):
        if isinstance(inside, Mapping) and isinstance(name, str) and name in inside:
            inside = inside[name]
        elif isinstance(inside, list) and isinstance(name, int):
            inside = inside[0] if inside else None
        elif isinstance(inside, Mapping) or name not in _OF_ANYTHING:
            return False
        else:
            # What stands in a list is as varied as those who pass it.
            return place == len(path) - 1 or isinstance(inside, list)
    return True


def names(values: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """contact.name, account.plan ... as they are written in a template."""
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from names(value, f"{before}{name}.")
        else:
            yield f"{before}{name}"
