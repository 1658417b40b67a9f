"""The face of segments."""

from . import grammar, rules
from .filling import fill
from .marking import mark, mark_all
from .matters import EVERYTHING, Kind
from .rebuilding import rebuild
from .refreshing import refresh, wake
from .writing import LONGEST_STAY, archive, by_external_ids, create, go_live, list_accounts, refuse_bad_references, rename, save_version, used_by

__all__ = [
    "EVERYTHING",
    "LONGEST_STAY",
    "Kind",
    "archive",
    "by_external_ids",
    "create",
    "fill",
    "go_live",
    "grammar",
    "list_accounts",
    "mark",
    "mark_all",
    "rebuild",
    "refresh",
    "refuse_bad_references",
    "rename",
    "rules",
    "save_version",
    "used_by",
    "wake",
]
