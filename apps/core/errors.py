"""The business said no."""


class Refused(Exception):
    """A rule forbids what was asked, and nothing was changed: 409 in the API, a message in the admin.

    `code` is stable for programs (`already_enrolled`), `message` says to a person what, why and what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
