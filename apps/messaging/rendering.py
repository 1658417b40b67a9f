"""Templates become words: Liquid under limits, over plain values only.

Liquid and not Django's or Jinja's engine: both can be led from a value to the settings and to password hashes.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, wraps
from typing import Any

from liquid import BoundTemplate, Environment, StrictDefaultUndefined
from liquid.exceptions import FilterArgumentError, LiquidError, ResourceLimitError, UndefinedError

from apps.accounts.models import Contact
from apps.core.errors import Refused

from .models import Template
from .types import Channel

_DEEPEST = 5
_LONGEST_SUBJECT = 250
_LARGEST = 10**18
# strftime pads to any width that it is asked for.
_WIDE = re.compile(r"%[-_^#0]*\d{3,}")


class _Letters(Environment):
    context_depth_limit = 10
    loop_iteration_limit = 1_000
    local_namespace_limit = 10_000
    output_stream_limit = 20_000

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """The library counts loops and output but not what a filter does inside: (1..100000000) | join would fill the memory."""
        super().setup_tags_and_filters(extra=extra)
        self.filters = {name: _bounded(work, self.output_stream_limit) for name, work in self.filters.items()}


def _bounded(work: Callable[..., Any], most: int) -> Callable[..., Any]:
    """The filter, refusing to read or to make more than `most` letters or items, and numbers beyond reason."""

    @wraps(work)
    def bounded(*given: Any, **named: Any) -> Any:
        for value in (*given, *named.values()):
            _refuse_large(value, most)
        # What replacing every letter of one text by another could make.
        if math.prod(len(value) for value in given if issubclass(type(value), str) and value) > 100 * most:
            raise ResourceLimitError("too much text for one filter", token=None)
        try:
            made = work(*given, **named)
        except (ValueError, ArithmeticError, LookupError, AttributeError) as error:
            # The library forgets some of what Python's own functions refuse, such as letters that no base64 makes.
            raise FilterArgumentError(f"{work.__name__}: it cannot work on this value", token=None) from error
        _refuse_large(made, most)
        return made

    return bounded


def _refuse_large(value: Any, most: int) -> None:
    # By type() and not isinstance(): a value that is not defined breaks when it is looked at.
    kind = type(value)
    if issubclass(kind, str | list | tuple | range) and len(value) > most:
        raise ResourceLimitError(f"more than {most} letters or items in one value", token=None)
    if issubclass(kind, str) and _WIDE.search(value):
        raise ResourceLimitError("a width of more than two digits in a date format", token=None)
    if issubclass(kind, int | float | Decimal) and abs(value) > _LARGEST:
        raise ResourceLimitError(f"a number beyond {_LARGEST:.0e}", token=None)


# A name that is not known stops the message, except where the template itself gives a default.
_letters = _Letters(undefined=StrictDefaultUndefined)


def render(template: Template, context: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and plain-text body; Refused names what the template asks for and nobody gave.

    A line break that somebody's name brings into the subject of a mail stays, so that the mail is refused instead of being sent with a strange name.
    """
    values = plain(context)
    lines = _render(template, one_line(template.subject), values).strip().splitlines()
    subject = "\n".join(one_line(line) for line in lines) if template.channel == Channel.EMAIL else one_line(" ".join(lines))
    return subject[:_LONGEST_SUBJECT], clean(_render(template, template.body, _flat(values))).strip()


def render_variables(template: Template, context: Mapping[str, Any]) -> dict[str, str]:
    """The variables of an approved template, each one line."""
    values = plain(context)
    return {name: one_line(_render(template, source, values)) for name, source in template.content_variables.items()}


@lru_cache(maxsize=1_000)
def parsed(source: str) -> BoundTemplate:
    """The Liquid of a text; LiquidError where it is none."""
    try:
        return _letters.from_string(source)
    except RecursionError as error:
        raise ResourceLimitError("too deeply nested", token=None) from error


def written(source: str, values: Mapping[str, Any]) -> str:
    """The text with its values, within the limits; LiquidError tells what stopped it, and where."""
    try:
        return parsed(source).render(**values)
    except RecursionError as error:
        raise ResourceLimitError("too deeply nested", token=None) from error


def one_line(text: str) -> str:
    """Without line breaks and control characters, so that a name can never add a header."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def breaks_line(text: str) -> bool:
    """Whether the text would go on in another line of a header."""
    return len(text.splitlines()) > 1


def _flat(values: dict[str, Any]) -> dict[str, Any]:
    """The names of people and companies in one line, as a body shows them."""
    groups = {group: values[group] for group in ("contact", "account", "csm") if isinstance(values.get(group), dict)}
    flat = {group: {name: one_line(value) if isinstance(value, str) else value for name, value in inner.items()} for group, inner in groups.items()}
    return {**values, **flat}


def clean(text: str) -> str:
    """Without control characters except line breaks and tabs; PostgreSQL refuses NUL and mail readers the rest."""
    return "".join(letter for letter in text.replace("\r\n", "\n").replace("\r", "\n") if letter in "\n\t" or letter.isprintable())


def values_of(contact: Contact) -> dict[str, Any]:
    """What every template may use: {{ contact.first_name }}, {{ contact.name }}, {{ account.name }}, {{ csm.name }}."""
    owner = contact.account.owner
    name = contact.name.strip()
    return {
        "contact": {"name": name, "first_name": one_line(name).split(" ")[0] or "there", "email": contact.email},
        "account": {"name": contact.account.name.strip(), "plan": contact.account.plan},
        "csm": {"name": str(owner).strip() if owner else "your success team"},
    }


def merged(base: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """`more` over `base`; groups such as `csm` are merged name by name."""
    whole = dict(base)
    for name, value in more.items():
        whole[name] = {**whole[name], **value} if isinstance(value, Mapping) and isinstance(whole.get(name), dict) else value
    return whole


def plain(value: Any, depth: int = 0) -> Any:
    """The value with nothing in it but texts, numbers, lists and dicts: an object would open a way to everything behind it."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Decimal | date | datetime):
        return str(value)
    if depth < _DEEPEST and isinstance(value, Mapping):
        return {str(name): plain(inner, depth + 1) for name, inner in value.items()}
    if depth < _DEEPEST and isinstance(value, list | tuple):
        return [plain(inner, depth + 1) for inner in value]
    raise Refused("bad_context", f"A template gets texts and numbers only, not a {type(value).__name__}. Pass the value's words instead.")


def _render(template: Template, source: str, values: dict[str, Any]) -> str:
    try:
        return written(source, values)
    except UndefinedError as error:
        words = f"Template {template} uses a value nobody gave: {first_line(error)}. Correct the name or pass it."
        raise Refused("unknown_variable", words) from error
    except ResourceLimitError as error:
        raise Refused("template_limit", f"Template {template} makes too much text: {first_line(error)}. Shorten it.") from error
    except LiquidError as error:
        raise Refused("template_error", f"Template {template} cannot be read: {first_line(error)}. Mend it and save it as a new version.") from error


def first_line(error: LiquidError) -> str:
    """What the library says, without its drawing of the place."""
    return str(error).strip().splitlines()[0]
