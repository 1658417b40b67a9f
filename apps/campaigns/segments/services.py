"""The face of segments."""

from .filling import fill
from .marking import mark, mark_all
from .matters import Kind
from .writing import archive, by_external_ids, create, go_live, list_accounts, rename, save_version, used_by

__all__ = [
    "Kind",
    "archive",
    "by_external_ids",
    "create",
    "fill",
    "go_live",
    "list_accounts",
    "mark",
    "mark_all",
    "rename",
    "save_version",
    "used_by",
]
