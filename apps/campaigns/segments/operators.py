"""The comparisons of rules: which there are, what they can be made with, and how case is left out of account."""

from typing import Any, Literal

Op = Literal["is", "is_not", "at_least", "at_most", "over", "under", "one_of", "has", "known", "unknown"]
OPS: dict[str, str] = {
    "is": "is",
    "is_not": "is not",
    "at_least": "is at least",
    "at_most": "is at most",
    "over": "is over",
    "under": "is under",
    "one_of": "is one of",
    "has": "has",
    "known": "is known",
    "unknown": "is not known",
}
NO_VALUE = ("known", "unknown")
NUMBER_OPS = ("is", "is_not", "at_least", "at_most", "over", "under", *NO_VALUE)
TEXT_OPS = ("is", "is_not", "one_of", "has", *NO_VALUE)

# Texts are looked into without regard to case in these alphabets; by a table of our own, as the server's and Python's differ.
FOLD_FROM = "".join(sign for code in range(0x41, 0x500) if len((sign := chr(code)).lower()) == 1 and sign.lower() != sign)
FOLD_TO = FOLD_FROM.lower()
_FOLD = str.maketrans(FOLD_FROM, FOLD_TO)


def number_value(words: str, op: str, value: Any, *, known: bool = True) -> None:
    """Refuses what a number cannot be compared by."""
    allowed = NUMBER_OPS if known else NUMBER_OPS[:6]
    if op not in allowed:
        raise ValueError(f"“{words}” is a number; compare it by one of {', '.join(allowed)}.")
    if op in NO_VALUE:
        if value is not None:
            raise ValueError(f"“{words} {OPS[op]}” takes no value.")
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"“{words}” is compared with a number, not with {value!r}.")


def text_value(words: str, op: str, value: Any) -> None:
    if op not in TEXT_OPS:
        raise ValueError(f"“{words}” is a text; compare it by one of {', '.join(TEXT_OPS)}.")
    if op in NO_VALUE:
        if value is not None:
            raise ValueError(f"“{words} {OPS[op]}” takes no value.")
    elif op == "one_of":
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise ValueError(f"“{words} is one of” needs a list of texts.")
    elif not isinstance(value, str) or not value:
        raise ValueError(f"“{words}” is compared with a text, not with {value!r}.")


def folded(text: str) -> str:
    """As texts are compared where case does not count."""
    return text.translate(_FOLD)
