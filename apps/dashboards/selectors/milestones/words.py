"""A milestone's definition in sentences, also one that is not complete yet, and what changed from one version to the next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

METRICS = {"seats": "seats bought", "seats_used": "seats used", "seats_used_percent": "seats used, % of those bought", "arr": "ARR"}
AUDIENCE = {"tier": "tier", "segment": "segment", "plan": "plan", "stage": "stage"}
LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "pt": "Portuguese"}
# What a version that does not say them takes.
_DAYS = {"behind": 14, "stuck": 28}
_WORDS = {"name": "name", "text": "words", "hint": "hint"}


@dataclass(frozen=True)
class Change:
    """`before` and `after` are None where the part was not there, or is not there any more."""

    place: str
    before: str | None
    after: str | None


def figure(value: Any) -> str:
    return f"{value:.10g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def criterion(said: Any, names: Mapping[str, str], *, inside: bool = False) -> str:
    """What must hold, as one clause; `names` gives milestones' names by their keys."""
    if not isinstance(said, Mapping):
        return "nothing yet"
    for joint, word in (("all", " and "), ("any", " or ")):
        parts = said.get(joint)
        if isinstance(parts, list):
            told = [criterion(part, names, inside=len(parts) > 1) for part in parts]
            return f"({word.join(told)})" if inside and len(told) > 1 else word.join(told) or "nothing yet"
    return _leaf(said, names)


def _leaf(said: Mapping[str, Any], names: Mapping[str, str]) -> str:
    within = f" within {figure(said['within_days'])} days" if said.get("within_days") else ""
    if "count" in said:
        times = figure(said.get("at_least", "?"))
        return f"“{said['count']}” {'once' if times == '1' else f'{times} times'}{within}"
    if "sum" in said:
        return f"“{said['sum']}” adds up to {figure(said.get('at_least', '?'))}{within}"
    if "milestone" in said:
        return f"“{names.get(str(said['milestone']), said['milestone'])}” is reached"
    if "trait" in said:
        value = said.get("is")
        return f"the trait “{said['trait']}” is {('yes' if value else 'no') if isinstance(value, bool) else figure(value)}"
    if "metric" in said:
        bound = f"at least {figure(said['at_least'])}" if "at_least" in said else f"at most {figure(said.get('at_most', '?'))}"
        return f"{METRICS.get(str(said['metric']), said['metric'])} is {bound}"
    manual = said.get("manual")
    if isinstance(manual, Mapping):
        return f"a person or another system says so and shows: {manual.get('proof') or 'nothing yet'}"
    return "nothing yet"


def audience(said: Any) -> str:
    parts = said.items() if isinstance(said, Mapping) else ()
    told = [f"{AUDIENCE.get(name, name)} {' or '.join(map(str, values))}" for name, values in parts if isinstance(values, list) and values]
    return " and ".join(told) or "every customer"


def variants(said: Any) -> str:
    found = [one for one in said or () if isinstance(one, Mapping)]
    return ", ".join(f"{one.get('key')} × {figure(one.get('factor'))}" for one in found) or "standard × 1"


def told(said: Mapping[str, Any], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """The whole of it by headings."""
    days = {**_DAYS, **(said.get("days") or {})}
    needs = ", ".join(f"“{names.get(str(key), key)}”" for key in said.get("needs") or ())
    return [
        ("What it is worth", str(said.get("value") or "not said yet")),
        ("Reached when", criterion(said.get("criteria"), names)),
        ("After", needs or "nothing: it is open from the first day"),
        ("On the path of", audience(said.get("audience"))),
        ("Made easier or harder", variants(said.get("variants"))),
        ("Until 20 have reached it", f"behind after {figure(days['behind'])} days, stuck after {figure(days['stuck'])}"),
        ("Customers", "see it on their path" if said.get("visible", True) else "do not see it"),
    ]


def spoken(said: Mapping[str, Any]) -> list[tuple[str, Mapping[str, str]]]:
    """What customers read of it, by language, English first."""
    words = said.get("words")
    found = words if isinstance(words, Mapping) else {}
    order = sorted(found, key=lambda tag: (tag != "en", tag))
    return [(LANGUAGES.get(tag, tag), found[tag]) for tag in order if isinstance(found[tag], Mapping)]


def changes(before: Mapping[str, Any], after: Mapping[str, Any], names: Mapping[str, str]) -> list[Change]:
    """Every part that differs, in the order of a definition."""
    old, new = dict(_parts(before, names)), dict(_parts(after, names))
    places = [*new, *(place for place in old if place not in new)]
    return [Change(place, old.get(place), new.get(place)) for place in places if old.get(place) != new.get(place)]


def _parts(said: Mapping[str, Any], names: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    yield from told(said, names)
    for language, words in spoken(said):
        for name, label in _WORDS.items():
            if words.get(name):
                yield f"{language}: {label}", str(words[name])
    for one in said.get("variants") or ():
        for tag, hint in (one.get("hint") or {}).items() if isinstance(one, Mapping) else ():
            yield f"{LANGUAGES.get(tag, tag)}: hint of {one.get('key')}", str(hint)
