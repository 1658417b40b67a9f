"""Admin of the community."""

from . import moments as moments
from . import sharing as sharing
