"""What is wrong with the words of a template, by field and line, before anybody gets them. Errors refuse the save, warnings are shown."""

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from liquid import BoundTemplate
from liquid.exceptions import LiquidError, ResourceLimitError, UndefinedError

from apps.core.errors import Refused

from . import catalogue, fitting, locales, rendering
from .types import Channel, Draft, Trouble

_KEY = re.compile(r"[A-Za-z0-9_-]{1,80}")
_LONGEST = {"subject": 200, "topic": 40, "content_sid": 40, "body": 20_000}
_LONGEST_EXAMPLES = 10_000
_MOST_VARIABLES = 20
_OPENS = re.compile(r"{%-?\s*(end)?(if|unless|for|case|capture|tablerow|comment|raw)\b")
_DEFAULT = re.compile(r"[^|}%]*\|\s*default\b")
_CODES: tuple[tuple[type[LiquidError], str, str], ...] = (
    (UndefinedError, "unknown_variable", "It uses a value nobody gave: {}."),
    (ResourceLimitError, "template_limit", "It makes too much text: {}."),
    (LiquidError, "template_error", "The template cannot be read: {}."),
)


def troubles(draft: Draft) -> list[Trouble]:
    """Everything that is wrong, errors first, in the order of the fields and lines."""
    found = [*_shape(draft)]
    if not any(trouble.error for trouble in found):
        values = rendering.merged(catalogue.EXAMPLES, draft.examples)
        for name, source in sources(draft):
            here = [*_text(name, source, values), *fitting.written(name, source)]
            if not any(trouble.error for trouble in here):
                here += fitting.shown(draft, name, source, rendering.written(source, values))
            found += here
        found += fitting.whole(draft)
    order = ("key", "channel", "locale", "subject", "body")
    return sorted(found, key=lambda one: (not one.error, order.index(one.field) if one.field in order else len(order), one.field, one.line))


def sources(draft: Draft) -> list[tuple[str, str]]:
    """Field and text of everything that is Liquid."""
    variables = ((f"content_variables.{name}", source) for name, source in draft.content_variables.items())
    return [("subject", draft.subject), ("body", draft.body), *variables]


def _shape(draft: Draft) -> Iterator[Trouble]:
    """What would not even fit into the columns, or breaks what reads them."""
    if not _KEY.fullmatch(draft.key):
        yield Trouble("key", 1, "bad_key", "A key is letters, digits, - and _, at most 80: save-fading.")
    if draft.channel not in Channel.values:
        yield Trouble("channel", 1, "bad_channel", f"Use one of {', '.join(Channel.values)}.")
    if not draft.locale or locales.normal(draft.locale) != draft.locale:
        yield Trouble("locale", 1, "bad_locale", f"{draft.locale[:20]!r} names no language. Write pt, or pt-BR where the country matters.")
    for name, most in _LONGEST.items():
        text = getattr(draft, name)
        if len(text) > most:
            yield Trouble(name, 1, "too_long", f"{len(text):,} letters are more than {most:,}. Shorten it.")
        yield from _letters(name, text)
    if not draft.topic.strip():
        yield Trouble("topic", 1, "no_topic", "Without a topic nobody could say no to it. Name one: success.")
    yield from _variables(draft)
    yield from _examples(draft)


def _letters(name: str, text: str) -> Iterator[Trouble]:
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        if odd := next((letter for letter in line if letter != "\t" and not letter.isprintable()), None):
            yield Trouble(name, number, "bad_letter", f"The character U+{ord(odd):04X} cannot be seen. Delete it.")
            return
        if number == 2 and name != "body":
            yield Trouble(name, 1, "line_break", "It is one line: a line break would end the header.")
            return


def _variables(draft: Draft) -> Iterator[Trouble]:
    given = draft.content_variables
    if not isinstance(given, Mapping) or not all(isinstance(one, str) for pair in given.items() for one in pair):
        yield Trouble("content_variables", 1, "bad_variables", 'Write an object of texts, such as {"1": "{{ contact.first_name }}"}.')
    elif len(given) > _MOST_VARIABLES:
        yield Trouble("content_variables", 1, "bad_variables", f"{len(given)} variables are more than {_MOST_VARIABLES}.")
    else:
        for name, source in given.items():
            yield from _letters(f"content_variables.{name[:20]}", source)


def _examples(draft: Draft) -> Iterator[Trouble]:
    given = draft.examples
    try:
        fits = isinstance(given, Mapping) and isinstance(rendering.plain(given), dict)
    except Refused:
        fits = False
    if fits and (twice := sorted(set(given) & set(catalogue.EXAMPLES))):
        yield Trouble("examples", 1, "bad_examples", f"{twice[0]} is given to every template already; its values cannot be added to.")
    elif fits and len(json.dumps(given)) > _LONGEST_EXAMPLES:
        yield Trouble("examples", 1, "bad_examples", f"Together they are longer than {_LONGEST_EXAMPLES:,} letters. Shorten them.")
    elif fits and any(not letter.isprintable() for text in _words_in(given) for letter in text if letter not in "\n\t"):
        yield Trouble("examples", 1, "bad_examples", "One has a character that cannot be seen. Delete it.")
    elif not fits:
        yield Trouble("examples", 1, "bad_examples", 'Write values with an example each, such as {"news": {"title": "Exports are here"}}.')


def _words_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (word for pair in value.items() for one in pair for word in _words_in(one))
    elif isinstance(value, list):
        yield from (word for one in value for word in _words_in(one))


def _text(name: str, source: str, values: dict[str, Any]) -> Iterator[Trouble]:
    """What Liquid says of one text: it must be readable, ask only for what is known, and stay within the limits when it is tried."""
    try:
        parsed = rendering.parsed(source)
        unknown = list(_unknown(name, source, parsed, values))
        yield from unknown
        if not any(one.error for one in unknown):
            rendering.written(source, values)
    except LiquidError as error:
        code, words = next((code, words) for kind, code, words in _CODES if isinstance(error, kind))
        yield Trouble(name, _line_of(error, source), code, words.format(rendering.first_line(error)))


def _unknown(name: str, source: str, parsed: BoundTemplate, values: dict[str, Any]) -> Iterator[Trouble]:
    # A template that includes another one cannot be read here, which trying it tells.
    asked = parsed.analyze(include_partials=False).globals
    every = list(catalogue.names(values))
    for variable in (one for found in asked.values() for one in found):
        if catalogue.known(variable.segments, values):
            continue
        line = source.count("\n", 0, variable.span.index) + 1
        words = _written(variable.segments)
        if _DEFAULT.match(source, variable.span.index):
            told = f"Nobody is known to pass {words}, so its default is used. If a play passes it, add it to the examples."
            yield Trouble(name, line, "perhaps_unknown", told, error=False)
            continue
        near = difflib.get_close_matches(words, every, n=1)
        told = f"{words} is known to nobody." + (f" Did you mean {near[0]}?" if near else " If a play passes it, add it to the examples.")
        yield Trouble(name, line, "unknown_variable", told)


def _written(path: list[Any]) -> str:
    """The name as one would write it, cut where it is computed or endless."""
    parts = [part if isinstance(part, str) else "[...]" if isinstance(part, list) else str(part) for part in path]
    return ".".join(parts)[:80]


def _line_of(error: LiquidError, source: str) -> int:
    if place := error.context():
        return int(place[0])
    # The library names no place where a block never ends: the innermost one that is open.
    unended: list[int] = []
    for found in _OPENS.finditer(source):
        if not found[1]:
            unended.append(found.start())
        elif unended:
            unended.pop()
    return source.count("\n", 0, unended[-1]) + 1 if unended else source.count("\n") + 1
