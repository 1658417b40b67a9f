"""HTTP and WebSockets in one application."""

import os
from functools import lru_cache

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cs_platform.settings.dev")

from django.conf import settings  # noqa: E402

if not settings.configured:
    # Every request has a thread of its own here, so a database line that was kept would serve nobody and wait for the collector to be closed.
    os.environ.setdefault("DATABASE_KEEP_SECONDS", "0")

from django.core.asgi import get_asgi_application  # noqa: E402

http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import OriginValidator  # noqa: E402
from django.urls import re_path  # noqa: E402

from apps.dashboards.urls import websocket_urlpatterns as staff_sockets  # noqa: E402
from apps.messaging.urls import websocket_urlpatterns as inbox_sockets  # noqa: E402
from apps.milestones.urls import websocket_urlpatterns as path_sockets  # noqa: E402

from . import collector, watch  # noqa: E402

# Staff are known by a cookie, so their sockets open from our own pages only, whatever hosts are let in. A customer's inbox and path open from the
# customer's own product: its token is all that counts, and no cookie is looked at.
staff = OriginValidator(URLRouter(staff_sockets), [settings.BASE_URL, *(host for host in settings.ALLOWED_HOSTS if host != "*")])
# Pages of a few places open all of the sockets: each place is judged once.
staff.valid_origin = lru_cache(maxsize=256)(staff.valid_origin)
application = ProtocolTypeRouter({"http": http, "websocket": URLRouter([*inbox_sockets, *path_sockets, re_path("", staff)])})

collector.settle()
watch.start()
