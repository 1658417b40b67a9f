"""Hints to the open pages of an account's people: that their path moved, never how; the page fetches that with its token."""

import logging

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def group_of(account_id: int) -> str:
    return f"path.{account_id}"


def hint(account_id: int, kind: str) -> None:
    """Tell the open pages; when the channel layer is away, the page's next fetch finds what moved."""
    layer = get_channel_layer()
    try:
        async_to_sync(layer.group_send)(group_of(account_id), {"type": "path.hint", "kind": kind})
    except (RedisError, OSError) as error:
        log.warning("no live hint for the path of account %s (%s)", account_id, error)
