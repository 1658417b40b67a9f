"""Privacy choices, right moments, referrals, challenges: the face of word of mouth. What each may do stands in its own package."""

from .referrals import services as referrals
from .sharing.choosing import choose, forget_sharing
from .sharing.naming import answer_naming, ask_to_name

__all__ = ["answer_naming", "ask_to_name", "choose", "forget_sharing", "referrals"]
