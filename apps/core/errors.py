"""The business said no."""

from typing import Any


class Refused(Exception):
    """A rule forbids what was asked, and nothing was changed: 409 in the API, a message in the admin.

    `code` is stable for programs (`already_enrolled`), `message` says to a person what, why and what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Conflict(Refused):
    """Somebody else changed the same fields meanwhile; nothing was changed.

    `fields` holds {field: {"yours", "theirs", "base"}} as JSON values, `version` the present version: show both and ask.
    """

    def __init__(self, message: str, *, fields: dict[str, dict[str, Any]], version: int) -> None:
        super().__init__("changed_meanwhile", message)
        self.fields = fields
        self.version = version
