"""What the processes of a fault run get to see: short times and a clock in office hours."""

from datetime import datetime, timedelta

# Short, so that a dead worker is noticed within seconds; longer than the client's time-out of one second with the peer's worst manners.
TIMES = {"MESSAGE_LEASE_SECONDS": "4", "MESSAGE_RETRY_SECONDS": "1", "EMAIL_TIMEOUT": "1", "EMAIL_HOST": "127.0.0.1"}


def next_working_noon(real: datetime) -> float:
    """Seconds to shift the clock by, so that the governor finds office hours whenever the suite runs."""
    noon = real.replace(hour=12, minute=0, second=0, microsecond=0)
    while noon < real or noon.weekday() != 2:
        noon += timedelta(days=1)
    return (noon - real).total_seconds()
