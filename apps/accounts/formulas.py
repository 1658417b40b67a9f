"""Text that a spreadsheet would run as a formula: an apostrophe goes in front when it leaves, and is taken away when it comes back."""

import re

# Also in full width, after spaces, and at the start of each line of a cell: a program that splits lines would see a new cell there.
_RISKY = r"'*[ \u00a0]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]"
_START = r"(?:^|(?<=[\r\n]))"
_BARE = re.compile(f"{_START}(?={_RISKY})")
_GUARDED = re.compile(f"{_START}'(?={_RISKY})")
_FORMULA = re.compile(r"[ \u00a0]*[=\uff1d]")


def guard(text: str) -> str:
    """Harmless in every spreadsheet; `unguard` gives exactly the text back."""
    return _BARE.sub("'", text)


def unguard(text: str) -> str:
    return _GUARDED.sub("", text) if "'" in text else text


def is_formula(text: str) -> bool:
    return bool(_FORMULA.match(text))
