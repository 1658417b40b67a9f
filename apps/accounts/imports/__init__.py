"""Customer data from files: what staff, commands and the onboarding of real data call."""

from .accounts import AccountOptions, import_accounts
from .activity import ActivityOptions, import_activity
from .columns import ACCOUNT_FIELDS, ACTIVITY_FIELDS, read_map
from .runs import Order, Report
from .table import Unreadable
from .values import DateOrder

__all__ = [
    "ACCOUNT_FIELDS",
    "ACTIVITY_FIELDS",
    "AccountOptions",
    "ActivityOptions",
    "DateOrder",
    "Order",
    "Report",
    "Unreadable",
    "import_accounts",
    "import_activity",
    "read_map",
]
