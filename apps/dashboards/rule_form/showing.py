"""From a definition, also a flawed one, to the inputs that show it, each with its own flaw."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..play_form.fields import Options, Spec
from ..play_form.showing import Input
from .fields import BY_KIND, HEAD, PAUSES, PERCENT, QUIET_TIMES, TOGETHER, WHOM, bands, figures, is_share


@dataclass(frozen=True)
class Window:
    place: int
    first: str
    last: str
    why: str
    flaw: str = ""


@dataclass(frozen=True)
class Form:
    head: list[Input]
    kind: list[Input]
    pauses: list[Input]
    together: list[Input]
    whom: list[Input]
    windows: list[Window]
    more: bool
    elsewhere: list[tuple[str, str]]


def shown(says: dict[str, Any], flaws: Sequence[tuple[str, str]], *, segments: Options) -> Form:
    """The form of a definition; `elsewhere` are flaws that no input shows."""
    kind, of, figure = str(says.get("kind", "threshold")), str(says.get("of", "account")), str(says.get("figure", ""))
    kind = kind if kind in BY_KIND else "threshold"
    flawed = dict(reversed(list(flaws)))
    share = is_share(of, figure)

    def one(spec: Spec, *, inside: str = "", options: Options | None = None) -> Input:
        name = f"{inside}.{spec.name}" if inside else spec.name
        held = says.get(inside, {}) if inside else says
        percent = spec.name in PERCENT or (share and not inside and spec.name in ("limit", "release"))
        usual = PAUSES.get(kind, {}).get(spec.name, spec.default) if not inside else spec.default
        value = usual / 100 if percent and isinstance(usual, int | float) else usual
        if isinstance(held, dict) and spec.name in held:
            value = held[spec.name]
        chosen = spec.options if options is None else options
        return Input(name, spec, _typed(value, percent, spec.kind), chosen, flaw=flawed.get(name, ""))

    head = [one(HEAD[0]), one(HEAD[1]), one(Spec("figure", "Figure", "choice", turns=True), options=figures(of, kind))]
    inputs = [one(spec, options=bands(figure) if spec.name == "into" else None) for spec in BY_KIND[kind]]
    whom = [] if of == "house" else [one(WHOM[0], inside="whom", options=(("", "everybody"), *segments)), one(WHOM[1], inside="whom")]
    together = [] if of == "house" else [one(spec, inside="together") for spec in TOGETHER]
    pauses = [one(spec) for spec in QUIET_TIMES]
    windows = list(_windows(says, flawed))
    places = {row.name for row in (*head, *inputs, *whom, *together, *pauses)} | {"name", "key", "form", "why"}
    places |= {f"quiet[{row.place}]" for row in windows}
    more = any(name in says for name in ("whom", "together", "quiet", *(spec.name for spec in QUIET_TIMES)))
    elsewhere = [(place, words) for place, words in flaws if place not in places]
    return Form(head, inputs, pauses, together, whom, windows, more, elsewhere)


def _windows(says: dict[str, Any], flawed: dict[str, str]) -> Any:
    held = says.get("quiet", [])
    for place, window in enumerate(held):
        flaw = flawed.get(f"quiet[{place}]", "") or next((words for where, words in flawed.items() if where.startswith(f"quiet[{place}].")), "")
        yield Window(place, str(window.get("first", "")), str(window.get("last", "")), str(window.get("why", "")), flaw)
    yield Window(len(held), "", "", "")


def _typed(value: Any, percent: bool, kind: str) -> Any:
    """As one would type it."""
    if kind in ("tick", "many") or isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return f"{value * 100 if percent else value:.10g}"
    return "" if value is None else value
