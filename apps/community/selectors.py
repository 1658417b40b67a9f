"""What is known of word of mouth; nothing here writes."""

from .referrals import selectors as referrals
from .sharing.reading import may, may_name, standing, standings

__all__ = ["may", "may_name", "referrals", "standing", "standings"]
