"""Hints to a contact's open inbox: what changed, never the content; the page fetches that with its token."""

import logging

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def group_of(contact_id: int) -> str:
    return f"inbox.{contact_id}"


def hint(contact_id: int, message_id: int) -> None:
    """Tell the contact's open pages; when the channel layer is away, the page's next fetch finds the message."""
    layer = get_channel_layer()
    try:
        async_to_sync(layer.group_send)(group_of(contact_id), {"type": "inbox.hint", "kind": "message", "id": message_id})
    except (RedisError, OSError) as error:
        log.warning("no live hint for message %s (%s)", message_id, error)
