"""Whether an account is in a segment from a moment on: the rule, the terms of leaving, and when to look again."""

from datetime import datetime, timedelta

from .facts import Facts
from .judged import Judged, judge
from .living import Says


def decide(says: Says, facts: Facts, entered_at: datetime | None, segment_id: int) -> tuple[bool, datetime | None]:
    """Whether it is in after this moment (`entered_at`: since when it is in), and before which moment time alone cannot change that.

    In comes who fulfils the rule. Out goes who no longer does, once the rule of leaving holds (where there is one) and the shortest stay is over.
    """
    fits = judge(says.rule, facts, segment_id)
    if entered_at is None and not fits.holds:
        return False, fits.flips_at
    out = _leaving(fits, judge(says.leaves, facts, segment_id) if says.leaves is not None else None)
    over = (entered_at or facts.at) + timedelta(days=says.stay_days)
    if entered_at is not None and out.holds and over <= facts.at:
        return False, fits.flips_at
    if says.stay_days and over > facts.at:
        # Nothing can move it before; whether it goes then is seen then.
        return True, over if out.holds or out.flips_at is not None else None
    return True, out.flips_at


def _leaving(fits: Judged, leaves: Judged | None) -> Judged:
    """The wish to leave, as one answer: it does not fit, and the rule of leaving holds."""
    if leaves is None:
        return Judged(not fits.holds, fits.flips_at)
    parts = [Judged(not fits.holds, fits.flips_at), leaves]
    against = [part for part in parts if not part.holds]
    if not against:
        return Judged(True, min((part.flips_at for part in parts if part.flips_at is not None), default=None))
    flips = [part.flips_at for part in against]
    return Judged(False, None if None in flips else max(flip for flip in flips if flip is not None))
