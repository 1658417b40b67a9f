from apps.churn.types import Band

from .models import Play
from .types import PlayState


def plays_for_risk(band: str) -> list[Play]:
    """Live plays that a rise into this band starts. One trigger so far: a risk that became high."""
    return list(Play.objects.filter(state=PlayState.LIVE)) if band == Band.HIGH else []
