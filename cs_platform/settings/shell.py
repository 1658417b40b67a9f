"""The look of staff pages and admin: one shell (django-unfold), one accent colour, one sidebar (apps/dashboards/shell.py)."""

from django.http import HttpRequest
from django.templatetags.static import static


def _static(path: str) -> object:
    """Static addresses are known only once Django is set up."""

    def address(request: HttpRequest) -> str:
        return static(path)

    return address


UNFOLD = {
    "SITE_TITLE": "CS Platform",
    "SITE_HEADER": "CS Platform",
    "SITE_SUBHEADER": "Customer success",
    "SITE_SYMBOL": "radar",
    "SITE_URL": "",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _static("img/mark.svg")}],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "8px",
    "ENVIRONMENT": "apps.dashboards.shell.environment",
    "STYLES": [_static("css/cs.css")],
    # Red, amber and green are kept for health, risk and delivery; indigo is the only other colour.
    "COLORS": {
        "primary": {
            "50": "oklch(96.2% .018 272.314)",
            "100": "oklch(93% .034 272.788)",
            "200": "oklch(87% .065 274.039)",
            "300": "oklch(78.5% .115 274.713)",
            "400": "oklch(67.3% .182 276.935)",
            "500": "oklch(58.5% .233 277.117)",
            "600": "oklch(51.1% .262 276.966)",
            "700": "oklch(45.7% .24 277.023)",
            "800": "oklch(39.8% .195 277.366)",
            "900": "oklch(35.9% .144 278.697)",
            "950": "oklch(25.7% .09 281.288)",
        }
    },
    "COMMAND": {"search_callback": "apps.dashboards.shell.find", "search_models": False, "show_history": False},
    "SIDEBAR": {"show_search": True, "command_search": True, "show_all_applications": False, "navigation": "apps.dashboards.shell.navigation"},
}
