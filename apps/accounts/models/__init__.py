"""Customers and what is known about them, one module per noun."""

from .activity import ActivityEvent, DailyRollup, EventName
from .customers import Account, AccountQuerySet, AccountRole, Contact, OfAccountQuerySet
from .fields import Field
from .identity import Identity
from .imports import ImportMapping, ImportProblem, ImportRun
from .revenue import ArrMovement, ExchangeRate, Invoice, Renewal, RenewalCall, Subscription
from .staff import Team, User, UserManager
from .voice import Note, Promise, Pulse, SurveyResponse, Ticket

__all__ = [
    "Account",
    "AccountQuerySet",
    "AccountRole",
    "ActivityEvent",
    "ArrMovement",
    "Contact",
    "DailyRollup",
    "EventName",
    "ImportMapping",
    "Field",
    "ExchangeRate",
    "Identity",
    "ImportProblem",
    "ImportRun",
    "Invoice",
    "Note",
    "OfAccountQuerySet",
    "Promise",
    "Pulse",
    "Renewal",
    "RenewalCall",
    "Subscription",
    "SurveyResponse",
    "Team",
    "Ticket",
    "User",
    "UserManager",
]
