"""What is known of word of mouth; nothing here writes."""

from .asks.asking import why_not as why_not_ask
from .asks.owing import Owing, owing
from .asks.tokens import ask_of, ask_token
from .cards import card, card_token
from .challenges.joining import fits
from .challenges.standing import Standing as ChallengeStanding
from .challenges.standing import standing as challenge_standing
from .challenges.window import closes_at, ends_at, starts_at
from .moments.judging import Judged, judge
from .moments.measuring import Measured, measured
from .proof.telling import Told, sentence, told, with_number
from .referrals import selectors as referrals
from .sharing.reading import may, may_name, standing, standings

__all__ = [
    "ChallengeStanding",
    "Judged",
    "Measured",
    "Owing",
    "Told",
    "ask_of",
    "ask_token",
    "card",
    "card_token",
    "challenge_standing",
    "closes_at",
    "ends_at",
    "fits",
    "judge",
    "may",
    "may_name",
    "measured",
    "owing",
    "referrals",
    "sentence",
    "standing",
    "standings",
    "starts_at",
    "told",
    "why_not_ask",
    "with_number",
]
