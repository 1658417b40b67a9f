"""Columns that give the outcome away: named or filled in when a customer left. Pure; scikit-learn is imported where it is used."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import columns, encoding
from .encoding import Table

# Written by whoever handled the leaving, not by the customer's life before it.
_OUTCOME = re.compile(
    r"churn|cancel|offboard|attrit|terminat|deactivat|unregist|unsubscrib"
    r"|(?:^|[^a-z])(?:exit|exited|exiting|left|leave|leaving|lost|quit|closed|outcome|stage|final|expired|inactive)(?:[^a-z]|$)"
)


def smells_of_outcome(name: str) -> bool:
    """Whether a column's name says that it was filled in when the customer left."""
    return bool(_OUTCOME.search(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()))


def tells(values: Sequence[Any], labels: np.ndarray) -> float:
    """AUC of one column alone, whichever way it points: 0.5 tells nothing, 1 tells everything."""
    from sklearn.metrics import roc_auc_score

    kind = columns.shape(values)
    if not kind:
        return 0.5
    if kind == "number":
        figures = encoding.numbers(values)
        missing = np.isnan(figures)
        figures = np.where(missing, np.nanmedian(figures), figures)
        alone = [float(roc_auc_score(labels, figures)), float(roc_auc_score(labels, missing)) if missing.any() else 0.5]
        return max(max(auc, 1 - auc) for auc in alone)
    texts = encoding.levels(values)
    rate = {text: labels[texts == text].mean() for text in set(texts)}
    return float(roc_auc_score(labels, [rate[text] for text in texts]))


def refused(table: Table, keys: Sequence[str], labels: np.ndarray) -> dict[str, str]:
    """Columns of the account that give the outcome away, with the reason: by name, or because one alone tells it far too well."""
    found = {key: "its name says that it is filled in when a customer leaves" for key in keys if smells_of_outcome(key.partition(":")[2])}
    alone = {key: tells(table[key], labels) for key in keys if key not in found}
    while alone:
        best = max(alone, key=lambda key: alone[key])
        auc = alone.pop(best)
        second = max(alone.values(), default=0.5)
        if auc > 0.95 or (auc > 0.85 and auc > second + 0.10):
            found[best] = f"it tells the outcome alone (AUC {auc:.2f}; the next column {second:.2f}), so it is probably written afterwards"
        else:
            break
    return found
