"""What a page may do that a customer opens by a link: show itself and post back to us, and nothing else."""

from typing import Any

from csp.constants import NONE, SELF

STRICT: dict[str, Any] = {
    "default-src": [NONE],
    "style-src": [SELF],
    "img-src": [SELF],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
    "base-uri": [NONE],
}
