"""Privacy choices, right moments, referrals, challenges: the face of word of mouth. What each may do stands in its own package."""

from .referrals import services as referrals

__all__ = ["referrals"]
