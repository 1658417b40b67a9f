"""What the marketing side knows; nothing here writes."""

from .results import selectors as results  # noqa: F401  (part of this module's face)
