"""Whom a definition speaks of at a moment, with the features its models read."""

from collections.abc import Sequence
from datetime import datetime

from . import features, outcomes
from .models import ChurnDefinition
from .types import DefinitionKind


def at_risk(
    definition: ChurnDefinition, *, as_of: datetime, account_ids: Sequence[int] | None = None, names: Sequence[str] = ()
) -> list[features.Row]:
    """Feature rows of the accounts that can still leave in the sense of the definition.

    Cancelled, unpaid: every present customer. Not renewed: those with a renewal due within the horizon. Downgraded: those who pay. Silent: those who
    were active within the year before. A column says so: those whom it does not call gone; there the moment plays no part.
    """
    if definition.kind == DefinitionKind.SNAPSHOT:
        return [row for row in features.attributes(account_ids) if not row["churned"]]
    rows = features.rows(as_of=as_of, account_ids=account_ids, names=names)
    if definition.kind == DefinitionKind.INACTIVE:
        return [row for row in rows if row["active_year"]]
    asked = outcomes.in_question(definition, day=features.moment(as_of)["cut"])
    return rows if asked is None else [row for row in rows if row["id"] in asked]
