"""Customer data from files: what staff, commands and the onboarding of real data call."""

from .activity import import_activity
from .columns import read_map
from .files import AccountOptions, Reading
from .kinds import KINDS
from .lines import ACTIVITY_FIELDS, IN_COMMON
from .records import import_records
from .runs import Order, Report
from .table import Unreadable
from .values import DateOrder

__all__ = [
    "ACTIVITY_FIELDS",
    "IN_COMMON",
    "KINDS",
    "AccountOptions",
    "DateOrder",
    "Order",
    "Reading",
    "Report",
    "Unreadable",
    "import_activity",
    "import_records",
    "read_map",
]
