"""What the form holds, as a definition. Whatever cannot be read stays as it was typed, so that nothing is lost and the flaw stands at its field."""

from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict
from django.utils.text import slugify

from ..play_form.fields import Spec
from .fields import BY_KIND, PAUSES, PERCENT, QUIET_TIMES, TOGETHER, WHOM, bands, figures, is_share

LONGEST_KEY = 60
_MOST_WINDOWS = 12


@dataclass(frozen=True)
class Draft:
    """`seen`: the number of the version that it began with."""

    key: str = ""
    name: str = ""
    why: str = ""
    severity: str = "warning"
    note: str = ""
    says: dict[str, Any] = field(default_factory=dict)
    seen: int = 0

    @property
    def number(self) -> int:
        return self.seen + 1


def posted(given: QueryDict, *, key: str = "") -> Draft:
    seen = given.get("seen", "0")
    draft = Draft(
        key=key or given.get("key", "").strip()[: LONGEST_KEY + 1],
        name=given.get("name", "").strip()[:120],
        why=given.get("why", "").strip()[:250],
        severity=given.get("severity", "warning")[:10],
        note=given.get("note", "").strip()[:250],
        says=said(given),
        seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 7 else 0,
    )
    return replace(draft, key=slugify(draft.name)[:LONGEST_KEY]) if not draft.key and draft.name else draft


def said(given: QueryDict) -> dict[str, Any]:
    kind = given.get("kind", "threshold")
    kind = kind if kind in BY_KIND else "threshold"
    of = "house" if given.get("of") == "house" else "account"
    offered = [value for value, _ in figures(of, kind)]
    figure = given.get("figure", "")
    # Another kind looks at other figures.
    figure = figure if figure in offered else (offered[0] if offered else figure)
    says: dict[str, Any] = {"kind": kind, "figure": figure, **({"of": of} if of == "house" else {})}
    share = is_share(of, figure)
    for spec in (*BY_KIND[kind], *QUIET_TIMES):
        value = _value(given, spec, spec.name, kind=kind, percent=spec.name in PERCENT or (share and spec.name in ("limit", "release")))
        if value is not None:
            says[spec.name] = value
    if kind == "band":
        offered_bands = {value for value, _ in bands(figure)}
        says["into"] = [one for one in given.getlist("into") if one in offered_bands]
    for part, specs in (("together", TOGETHER), ("whom", WHOM)):
        inner = {spec.name: _value(given, spec, f"{part}.{spec.name}", percent=spec.name in PERCENT) for spec in specs}
        if kept := {name: value for name, value in inner.items() if value not in (None, "") and not (part == "whom" and value == 0)}:
            says[part] = kept
    if of == "house":
        says.pop("whom", None)
    if windows := list(_windows(given)):
        says["quiet"] = windows
    return says


def _windows(given: QueryDict) -> Any:
    for place in range(_MOST_WINDOWS):
        first, last = given.get(f"quiet.{place}.first", "").strip(), given.get(f"quiet.{place}.last", "").strip()
        if first or last:
            why = given.get(f"quiet.{place}.why", "").strip()[:250]
            yield {"first": first or last, "last": last or first, **({"why": why} if why else {})}


def _value(given: QueryDict, spec: Spec, name: str, *, kind: str = "", percent: bool = False) -> Any:
    """What was typed; None where nothing was, or what is usual anyway."""
    if spec.kind == "tick":
        if f"{name}_shown" not in given:
            return None
        ticked = given.get(name) == "yes"
        return None if ticked == spec.default else ticked
    word = given.get(name, "").strip()[:80]
    if not word or spec.kind == "many":
        return None
    if spec.kind not in ("number", "whole"):
        return None if word == spec.default and name != "way" else word
    try:
        value = float(word.replace(",", ".").replace(" ", "").rstrip("%"))
    except ValueError:
        return word
    if percent:
        value = round(value / 100, 8)
    usual = PAUSES.get(kind, {}).get(spec.name, spec.default)
    usual = usual / 100 if percent and isinstance(usual, int | float) else usual
    if value == usual and spec.name not in ("probability", "days", "limit"):
        return None
    return int(value) if value == int(value) and abs(value) < 1e12 else value
