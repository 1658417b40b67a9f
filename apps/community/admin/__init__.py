"""Admin of the community."""

from . import referrals as referrals
from . import sharing as sharing
