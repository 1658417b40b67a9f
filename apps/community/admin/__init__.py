"""Admin of the community."""

from . import sharing as sharing
