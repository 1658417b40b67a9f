"""The face of segments."""

from .filling import fill
from .marking import mark, mark_all
from .matters import EVERYTHING, Kind
from .rebuilding import rebuild
from .refreshing import refresh, wake
from .writing import archive, by_external_ids, create, go_live, list_accounts, rename, save_version, used_by

__all__ = [
    "EVERYTHING",
    "Kind",
    "archive",
    "by_external_ids",
    "create",
    "fill",
    "go_live",
    "list_accounts",
    "mark",
    "mark_all",
    "rebuild",
    "refresh",
    "rename",
    "save_version",
    "used_by",
    "wake",
]
