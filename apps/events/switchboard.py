"""Holds the wiring table (cs_platform/wiring.py) so that publish and deliver need not import the project."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .models import Event
from .vocabulary import ALL, DomainEvent

Handler = Callable[[Any, Event], object]

_table: dict[str, dict[str, Handler]] = {}


def connect(wiring: Mapping[type[DomainEvent], Iterable[Handler]]) -> None:
    """Replace the whole table; called once at start."""
    _table.clear()
    for kind, handlers in wiring.items():
        _table[kind.type] = {handler_name(handler): handler for handler in handlers}


def handler_name(handler: Handler) -> str:
    """`interventions.start_plays` for apps.interventions.handlers.start_plays."""
    return f"{handler.__module__.split('.')[1]}.{handler.__name__}"


def handlers_for(event_type: str) -> dict[str, Handler]:
    return _table.get(event_type, {})


def heard_by(handler: str) -> list[str]:
    """The types of events that this handler is wired to, in the order of the wiring."""
    return [kind for kind, handlers in _table.items() if handler in handlers]


def revive(row: Event) -> DomainEvent:
    return ALL[row.type].revived(row.payload)
