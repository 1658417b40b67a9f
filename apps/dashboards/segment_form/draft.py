"""What is being written (a segment, a campaign): what the form holds, and what its buttons do to it. Buttons are those of the plays' form."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict
from django.utils.text import slugify

from ..play_form import reading
from ..play_form.draft import act

LONGEST_KEY = 40
_LONGEST = 500_000
# What may be ticked several times.
_MANY = ("channels", "roles", "priority")
Say = Callable[[reading.Tree], Any]


@dataclass(frozen=True)
class Draft:
    """`says`: the rule or the definition. `seen`: the number of the version that it began with. `before`: what “Undo” goes back to."""

    key: str = ""
    name: str = ""
    why: str = ""
    note: str = ""
    kind: str = ""
    says: Any = field(default_factory=dict)
    seen: int = 0
    before: str = ""
    opened: tuple[str, ...] = ()
    told: str = ""

    @property
    def number(self) -> int:
        return self.seen + 1


def posted(given: QueryDict, *, roots: Collection[str], say: Say, key: str = "") -> Draft:
    """What the form holds, after what its button asked for."""
    seen = given.get("seen", "0")
    draft = Draft(
        key=key or given.get("key", "").strip()[: LONGEST_KEY + 1],
        name=given.get("name", "").strip()[:120],
        why=given.get("why", "").strip()[:250],
        note=given.get("note", "").strip()[:250],
        kind=given.get("kind", "").strip()[:20],
        seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 7 else 0,
        before=given.get("before", "")[:_LONGEST],
        opened=tuple(given.getlist("open"))[:80],
    )
    if not draft.key and draft.name:
        draft = replace(draft, key=slugify(draft.name)[:LONGEST_KEY])
    nested, do = reading.tree(given, roots, _MANY), given.get("do", "")
    said = say(nested)
    if do == "undo":
        return _undone(draft, said)
    changed, _, told = act(nested, do, said if isinstance(said, dict) else {})
    if changed is nested:
        return replace(draft, says=said)
    return replace(draft, says=say(changed), before=json.dumps(said), told=told)


def _undone(draft: Draft, said: Any) -> Draft:
    try:
        before = json.loads(draft.before)
    except (ValueError, RecursionError):
        return replace(draft, says=said)
    return replace(draft, says=before if isinstance(before, dict) else said, before=json.dumps(said), told="Taken back.")


def naming_flaws(draft: Draft, *, is_new: bool, taken: Collection[str]) -> list[tuple[str, str]]:
    """What stands in the way of saving, of the name, the purpose and the key."""
    found = []
    if not draft.name:
        found.append(("name", "Give it a name."))
    if not draft.why:
        found.append(("why", "Say in a sentence what it is for."))
    if is_new and (not draft.key or len(draft.key) > LONGEST_KEY or not all(one.isascii() and (one.isalnum() or one in "-_") for one in draft.key)):
        found.append(("key", f"Letters, digits, - and _, at most {LONGEST_KEY}."))
    if is_new and draft.key in taken:
        found.append(("key", f"“{draft.key}” cannot be used; choose another key."))
    return found
