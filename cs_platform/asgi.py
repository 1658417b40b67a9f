"""HTTP and WebSockets in one application."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cs_platform.settings.dev")

from django.core.asgi import get_asgi_application  # noqa: E402

http = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.urls import re_path  # noqa: E402

from apps.dashboards.urls import websocket_urlpatterns as staff_sockets  # noqa: E402
from apps.messaging.urls import websocket_urlpatterns as inbox_sockets  # noqa: E402
from apps.milestones.urls import websocket_urlpatterns as path_sockets  # noqa: E402

from . import watch  # noqa: E402

# Staff are known by a cookie, so their sockets open from our own pages only. A customer's inbox and path open from the customer's own product:
# its token is all that counts, and no cookie is looked at.
staff = AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(staff_sockets)))
application = ProtocolTypeRouter({"http": http, "websocket": URLRouter([*inbox_sockets, *path_sockets, re_path("", staff)])})

watch.start()
