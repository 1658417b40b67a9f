"""Reading JSON that a database can hold: bounded in size and depth, finite numbers, text without NUL and half surrogates."""

import json
import math
from collections.abc import Iterator
from typing import IO, Any

from rest_framework.parsers import BaseParser

from .problem import Problem

MAX_BODY = 10 * 1024 * 1024
MAX_DEPTH = 32
_LARGEST = 2**63


class StrictJSONParser(BaseParser):
    """The whole body is refused, naming the field, when any value in it could not be stored."""

    media_type = "application/json"
    checks_values = True

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        raw = stream.read(MAX_BODY + 1)
        if len(raw) > MAX_BODY:
            raise Problem(413, "payload_too_large", f"The body is larger than {MAX_BODY // 1024 // 1024} MB. Send it in parts.")
        try:
            value = json.loads(raw.decode(), parse_constant=_no_number)
        except UnicodeDecodeError as error:
            raise Problem(400, "invalid_json", f"The body is no UTF-8: {error.reason} at byte {error.start}.") from error
        except RecursionError as error:
            raise Problem(400, "too_deep", f"The body is nested more than {MAX_DEPTH} deep.") from error
        except ValueError as error:
            # Also integers of more than 4,300 digits, which Python refuses to read.
            raise Problem(400, "invalid_json", f"The body is no JSON: {error}.") from error
        if self.checks_values and (flaw := next(flaws(value), None)):
            path, reason = flaw
            raise Problem(400, "invalid", "Some fields need attention.", fields={path or "body": [reason]})
        return value


class ItemsParser(StrictJSONParser):
    """For many items: each is judged on its own, so one bad item does not turn the others away."""

    checks_values = False


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number in JSON")


def flaws(value: Any) -> Iterator[tuple[str, str]]:
    """(path, reason) of every value that PostgreSQL's text or JSON cannot hold."""
    waiting: list[tuple[str, Any, int]] = [("", value, 1)]
    while waiting:
        path, here, depth = waiting.pop()
        if isinstance(here, str):
            if reason := _flaw_in_text(here):
                yield path, reason
        elif isinstance(here, float):
            if not math.isfinite(here):
                yield path, "The number is too large."
        elif isinstance(here, int):
            if not -_LARGEST <= here < _LARGEST:
                yield path, "The number has more than 64 bits; send it as text."
        elif isinstance(here, dict | list):
            if depth > MAX_DEPTH:
                yield path.split(".")[0], f"It is nested more than {MAX_DEPTH} deep."
                continue
            pairs = list(here.items()) if isinstance(here, dict) else [(str(place), inner) for place, inner in enumerate(here)]
            for key, inner in pairs:
                if reason := _flaw_in_text(key):
                    yield path, f"A key is not storable: {reason}"
                else:
                    waiting.append((f"{path}.{key}" if path else key, inner, depth + 1))


def _flaw_in_text(words: str) -> str:
    if "\0" in words:
        return "The text holds a NUL character."
    try:
        words.encode()
    except UnicodeEncodeError:
        return "The text holds half of a surrogate pair."
    return ""
