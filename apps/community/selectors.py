"""What is known of word of mouth; nothing here writes."""

from .referrals import selectors as referrals

__all__ = ["referrals"]
