"""What a whole text message asks for, by the words that carriers agree on. Pure.

Only the whole message counts, whatever its case and the blanks around it: "don't stop" and "stop please" are words for a person. (Twilio's lists:
STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT; START, YES, UNSTOP; HELP, INFO.)
"""

from enum import StrEnum


class Word(StrEnum):
    STOP = "stop"
    START = "start"
    HELP = "help"


_WORDS = {
    **dict.fromkeys(("stop", "stopall", "unsubscribe", "cancel", "end", "quit"), Word.STOP),
    **dict.fromkeys(("start", "yes", "unstop"), Word.START),
    **dict.fromkeys(("help", "info"), Word.HELP),
}


def of(text: str) -> Word | None:
    """The keyword that the message is, or None where it is words for a person."""
    said = text.strip()
    # Beyond ASCII lower() joins letters that are not the same (the dotless i).
    return _WORDS.get(said.lower()) if said.isascii() else None


def needs_person(text: str) -> bool:
    """Whether somebody may mean a keyword without saying just that: a person reads it, no consent changes."""
    return of(text) is None and any(word.strip(".,!?'\"").lower() in _WORDS for word in text.split())
