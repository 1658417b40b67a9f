"""Whoever signs out closes the sockets of all pages that stand on the same session."""

from typing import Any

from django.http import HttpRequest

from . import live, tickets


def close_sockets(request: HttpRequest | None, **_: Any) -> None:
    # Told by the session, not by its row: the row is deleted a moment after this.
    session = getattr(request, "session", None)
    if session is not None and session.session_key:
        live.look_again(session=tickets.digest(session.session_key))
