"""Segments, campaigns, surveys and outside tools in the admin."""

from . import outside as outside
from . import surveys as surveys
