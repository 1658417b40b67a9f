"""The back office of the marketing side, one module per noun."""

from . import segments  # noqa: F401
