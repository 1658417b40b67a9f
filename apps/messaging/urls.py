from django.urls import URLPattern, path

from . import hooks, mail_hooks, views
from .api import views as api
from .consumers import InboxConsumer

urlpatterns: list[URLPattern] = [
    path("api/v1/inbox/", api.Inbox.as_view(), name="inbox"),
    path("api/v1/inbox/<int:message_id>/read/", api.Read.as_view(), name="inbox-read"),
    path("api/v1/inbox/<int:message_id>/reply/", api.Reply.as_view(), name="inbox-reply"),
    path("api/v1/inbox/push/", api.Push.as_view(), name="inbox-push"),
    path("hooks/twilio/status/<str:token>", hooks.status, name="twilio-status"),
    path("hooks/twilio/inbound", hooks.inbound, name="twilio-inbound"),
    path("hooks/twilio/keypress/<str:token>", hooks.keypress, name="twilio-keypress"),
    path("hooks/mail/status", mail_hooks.status, name="mail-status"),
    path("hooks/mail/inbound", mail_hooks.arrived, name="mail-inbound"),
    path("c/preferences/<str:token>", views.preferences, name="preferences"),
    path("c/confirm/<str:token>", views.confirm, name="confirm"),
    path("c/never/<str:token>", views.never, name="never"),
    path("c/unsubscribe/<str:token>", views.unsubscribe, name="unsubscribe"),
]
websocket_urlpatterns: list[URLPattern] = [path("ws/inbox/", InboxConsumer.as_asgi())]
