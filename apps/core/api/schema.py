"""The OpenAPI description: what every operation shares is told here once."""

from typing import Any

from drf_spectacular.openapi import AutoSchema

from . import items

_ERROR = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {
        "code": {"type": "string", "description": "For programs; stable."},
        "message": {"type": "string", "description": "For people: what, why and what to do."},
        "fields": {
            "type": "object",
            "description": "By field, dots for what is inside.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
    "additionalProperties": True,
}
_ANSWERS = {
    "400": "The body or a parameter is wrong; `fields` says where.",
    "401": "No key, or one that is not valid.",
    "403": "The key lacks the scope, or the role may not do this.",
    "404": "There is no such row in the caller's book.",
    "409": "A rule forbids it, or it clashes with another row.",
    "412": "The row was changed meanwhile; `current` is the row now, `differs` the fields.",
    "413": "The body or the list is too large.",
    "415": "Only application/json is read.",
    "422": "The Idempotency-Key was used for another request.",
    "428": "Send If-Match with the ETag that you read.",
    "429": "Too many requests; wait for Retry-After seconds.",
}
_ALWAYS = ("401", "403", "429")
_BY_METHOD = {
    "get": ("400",),
    "post": ("400", "409", "413", "415", "422"),
    "put": ("400", "409", "413", "415"),
    "patch": ("400", "409", "412", "413", "415", "428"),
    "delete": ("409", "412", "428"),
}


class Described(AutoSchema):
    """Says the scope of every operation."""

    def get_description(self) -> str:  # type: ignore[override]
        words = super().get_description() or ""
        door = getattr(self.view, "scope", None)
        if door is None:
            return words
        verb = "read" if self.method in {"GET", "HEAD", "OPTIONS"} else "write"
        return f"{words}\n\nScope: `{door}:{verb}`.".strip()

    def _get_request_body(self, direction: Any = "request") -> dict[str, Any] | None:
        """Bodies are read by structs, which describe themselves."""
        view: Any = self.view
        action = getattr(view, "action", "")
        if action == "bulk":
            return _body({"type": "array", "maxItems": items.MAX_ITEMS, "items": items.schema_of(view.item)})
        if action == "create":
            return _body(items.schema_of(view.item))
        if action == "partial_update":
            return _body(items.schema_of(view.edited))
        if action == "update":
            whole = items.schema_of(view.edited)
            return _body({**whole, "required": sorted(whole["properties"]), "additionalProperties": True})
        if act := getattr(getattr(view, action or "", None), "said", None):
            return _body(items.schema_of(act))
        return super()._get_request_body(direction)

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        if getattr(self.view, "action", "") == "bulk":
            return {"200": {"description": "What became of each item.", "content": {"application/json": {"schema": _VERDICTS}}}}
        found: dict[str, Any] = super()._get_response_bodies(direction)
        return found

    def get_filter_backends(self) -> list[Any]:
        """Only lists are filtered."""
        return super().get_filter_backends() if getattr(self.view, "action", "") == "list" else []

    def _get_pagination_parameters(self) -> list[dict[str, Any]]:
        found = super()._get_pagination_parameters() if getattr(self.view, "action", "") == "list" else []
        return [*found, _ATOMIC] if getattr(self.view, "action", "") == "bulk" else found


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


_ATOMIC = {
    "name": "atomic",
    "in": "query",
    "required": False,
    "description": "All or nothing: one refused item turns the whole call away (409).",
    "schema": {"type": "string", "enum": ["true", "false"], "default": "false"},
}
_VERDICTS = {
    "type": "object",
    "required": ["created", "changed", "same", "refused", "items"],
    "properties": {
        **{name: {"type": "integer"} for name in ("created", "changed", "same", "refused")},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["index", "status"],
                "properties": {
                    "index": {"type": "integer", "description": "The place in the list that was sent, from 0."},
                    "status": {"type": "string", "enum": ["created", "changed", "same", "refused"]},
                    "external_id": {"type": "string"},
                    "id": {"type": "integer"},
                    "field": {"type": "string", "description": "What is wrong, when refused."},
                    "reason": {"type": "string"},
                    "left": {
                        "type": "array",
                        "description": "Facts that were not taken, though the rest was.",
                        "items": {"type": "object", "properties": {"field": {"type": "string"}, "reason": {"type": "string"}}},
                    },
                },
            },
        },
    },
}


def tell_errors(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Every operation can be refused in the one shape, and any POST takes an Idempotency-Key."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = _ERROR
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            codes = {*_ALWAYS, *_BY_METHOD.get(method, ()), *(("404",) if "{" in path else ())}
            if method == "put" and "{" in path:
                codes |= {"412", "428"}
            for code in sorted(codes):
                operation["responses"].setdefault(code, {"description": _ANSWERS[code], "content": body})
            if method == "post":
                operation.setdefault("parameters", []).append(_KEY)
            if method in {"patch", "put"} and "{" in path:
                operation.setdefault("parameters", []).append(_IF_MATCH)
    return result


_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body again gives the first answer and does nothing.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": 'The ETag that you read, for example "v7"; without it the answer is 428.',
    "schema": {"type": "string"},
}
