"""Admin of the community."""

from . import challenges as challenges
from . import moments as moments
from . import sharing as sharing
