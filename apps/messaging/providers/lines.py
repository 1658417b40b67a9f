"""What a broken line to a provider with an HTTP API means for the message."""

from apps.messaging.types import Outcome, Result


def unanswered(error: Exception) -> Result:
    """A call of `requests` that brought no answer: refused where the line never stood, ambiguous where it did."""
    from requests import exceptions

    if isinstance(error, exceptions.ConnectTimeout) or (isinstance(error, exceptions.ConnectionError) and _never_stood(error)):
        return Result(Outcome.REFUSED, code="connect", detail="The provider does not answer.", retry=True, trouble=True)
    return Result(Outcome.AMBIGUOUS, code="no_answer", detail=f"{type(error).__name__}: {error}"[:500], trouble=True)


def _never_stood(error: BaseException | None) -> bool:
    """Whether the connection was never made, so that nothing can have been taken: said somewhere in the causes that libraries wrap."""
    from urllib3.exceptions import MaxRetryError, NewConnectionError

    seen = 0
    while error is not None and seen < 10:
        inner = error.args[0] if error.args and isinstance(error.args[0], MaxRetryError) else error
        if isinstance(inner, NewConnectionError) or (isinstance(inner, MaxRetryError) and isinstance(inner.reason, NewConnectionError)):
            return True
        error, seen = error.__cause__ or error.__context__, seen + 1
    return False
