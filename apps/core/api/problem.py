"""Imports no views: Django REST framework reads settings, and so all of this package that the settings name, while it loads its views."""

from typing import Any

from rest_framework import exceptions

Fields = dict[str, list[str]]


class Problem(exceptions.APIException):
    """An answer that is no success, with its own status, a code for programs and words for people."""

    def __init__(self, status: int, code: str, message: str, *, fields: Fields | None = None, headers: dict[str, str] | None = None, **more: Any):
        super().__init__(message, code)
        self.status_code = status
        self.code = code
        self.message = message
        self.fields = fields
        self.headers = headers or {}
        self.more = more


def invalid(fields: Fields) -> Problem:
    return Problem(400, "invalid", "Some fields need attention.", fields=fields)
