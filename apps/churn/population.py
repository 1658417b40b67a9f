"""Whom a definition speaks of at a moment, with the features its models read."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from . import features, outcomes
from .figures import Figures
from .models import ChurnDefinition
from .scoring import encoding
from .types import DefinitionKind


def at_risk(definition: ChurnDefinition, *, as_of: datetime, account_ids: Sequence[int] | None = None, names: Sequence[str] = ()) -> Figures:
    """Features of the accounts that can still leave in the sense of the definition.

    Cancelled, unpaid: every present customer. Not renewed: those with a renewal due within the horizon. Downgraded: those who pay. Silent: those who
    were active within the year before. A column says so: those whom it does not call gone; there the moment plays no part.
    """
    if definition.kind == DefinitionKind.SNAPSHOT:
        known = features.attributes(account_ids)
        return known.part(np.flatnonzero(encoding.numbers(known("churned")) == 0))
    found = features.figures(as_of=as_of, account_ids=account_ids, names=names)
    if definition.kind == DefinitionKind.INACTIVE:
        return found.part(np.flatnonzero(encoding.numbers(found("active_year")) > 0))
    asked = outcomes.in_question(definition, day=features.moment(as_of)["cut"])
    return found if asked is None else found.part(np.flatnonzero(np.isin(found.ids, list(asked))))
