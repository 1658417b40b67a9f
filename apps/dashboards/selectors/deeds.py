"""What an account did, in words: an event's name as a source sends it, told as a person would."""

import re

_WHOLE = {
    "login": "signed in",
    "logged in": "signed in",
    "signed in": "signed in",
    "logout": "signed out",
    "signed out": "signed out",
}
# Past forms that the ending does not give away.
_PAST = {"run": "ran", "sent": "sent", "paid": "paid", "made": "made", "built": "built", "seen": "saw", "begun": "began", "left": "left"}
# What happens to somebody instead of being done by them.
_SUFFERED = {"failed", "bounced", "declined", "expired", "rejected"}


def in_words(name: str) -> str:
    """report.viewed -> viewed a report; payment.failed -> had a failed payment; what does not read as a deed is quoted as it is."""
    plain = " ".join(re.split(r"[\s._:/-]+", name.strip().lower()))
    if plain in _WHOLE:
        return _WHOLE[plain]
    thing, _, verb = plain.rpartition(" ")
    if not thing or not (verb in _PAST or verb.endswith("ed")):
        return f"did “{name}”"
    if verb in _SUFFERED:
        return f"had {_a(f'{verb} {thing}')}"
    return f"{_PAST.get(verb, verb)} {_a(thing)}"


def _a(thing: str) -> str:
    return f"{'an' if thing[0] in 'aeiou' else 'a'} {thing}"
