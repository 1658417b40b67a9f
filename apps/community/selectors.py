"""What is known of word of mouth; nothing here writes."""

from .asks.asking import why_not as why_not_ask
from .asks.owing import Owing, owing
from .asks.tokens import ask_of, ask_token
from .moments.judging import Judged, judge
from .moments.measuring import Measured, measured
from .sharing.reading import may, may_name, standing, standings

__all__ = [
    "Judged",
    "Measured",
    "Owing",
    "ask_of",
    "ask_token",
    "judge",
    "may",
    "may_name",
    "measured",
    "owing",
    "standing",
    "standings",
    "why_not_ask",
]
