"""Privacy choices, right moments, asks, challenges, statements: the face of word of mouth. What each may do stands in its own package."""

from .asks.asking import answer as answer_ask
from .asks.asking import ask_by_hand, expire, note_not_sent, send
from .asks.asking import call_off as call_off_ask
from .asks.asking import finish as finish_ask
from .asks.owing import note_referral, record_favour, thank
from .challenges.counting import count_all as count_challenges
from .challenges.joining import join, leave
from .challenges.writing import close_due as close_challenges
from .challenges.writing import fields_of, open_challenge, write_challenge
from .moments.finding import call_off as call_off_moment
from .moments.finding import ensure_holdout, find, find_all, find_stale, mark_all_stale, mark_stale
from .moments.judging import ensure_rules, rules_now
from .proof.publishing import publish_all, write_statement
from .referrals import services as referrals
from .sharing.choosing import carry_over, choose, forget_sharing
from .sharing.naming import answer_naming, ask_to_name

__all__ = [
    "answer_ask",
    "answer_naming",
    "ask_by_hand",
    "ask_to_name",
    "call_off_ask",
    "call_off_moment",
    "carry_over",
    "choose",
    "close_challenges",
    "count_challenges",
    "ensure_holdout",
    "ensure_rules",
    "expire",
    "fields_of",
    "find",
    "find_all",
    "find_stale",
    "finish_ask",
    "forget_sharing",
    "join",
    "leave",
    "mark_all_stale",
    "mark_stale",
    "note_not_sent",
    "note_referral",
    "open_challenge",
    "publish_all",
    "record_favour",
    "referrals",
    "rules_now",
    "send",
    "thank",
    "write_challenge",
    "write_statement",
]
