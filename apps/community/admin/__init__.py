"""Admin of the community."""

from . import challenges as challenges
from . import moments as moments
from . import referrals as referrals
from . import sharing as sharing
