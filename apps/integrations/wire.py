"""What comes over the wire at the Segment door: whose key it is, and the messages still unread."""

import base64
import binascii
import json
import zlib
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.http import HttpRequest

from . import messages
from .types import MAX_BODY, MAX_MESSAGES, Unacceptable

_CHUNK = 64 * 1024


class _Envelope(msgspec.Struct):
    batch: list[msgspec.Raw] | None = None
    writeKey: str | None = None
    sentAt: str | None = None


@dataclass(frozen=True)
class Delivery:
    key: str
    raws: list[bytes]
    sent_at: datetime | None


def read(request: HttpRequest, *, kind: str) -> Delivery:
    """The body, inflated and cut into messages. `kind` is `batch`, or the type of the one message that the path names. Raises Unacceptable."""
    body = _body(request)
    try:
        envelope = _envelope(body)
        if kind == "batch":
            if envelope.batch is None:
                raise Unacceptable(400, "invalid_batch", 'The body needs "batch", a list of messages.')
            raws = [bytes(raw) for raw in envelope.batch]
        else:
            message = {name: value for name, value in msgspec.json.decode(body).items() if name != "writeKey"}
            raws = [msgspec.json.encode({**message, "type": kind})]
    except RecursionError as error:
        raise Unacceptable(400, "too_deep", "The body is nested too deep.") from error
    except msgspec.ValidationError as error:
        raise Unacceptable(400, "invalid_batch", f"The body is not as expected: {error}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unacceptable(400, "invalid_json", f"The body is no JSON: {error}.") from error
    if len(raws) > MAX_MESSAGES:
        raise Unacceptable(
            413, "too_many_messages", f"A batch holds at most {MAX_MESSAGES:,} messages, this one has {len(raws):,}. Send smaller batches."
        )
    key = _basic_key(request) or envelope.writeKey or ""
    return Delivery(key=key, raws=raws, sent_at=messages.read_time(envelope.sentAt or ""))


def _envelope(body: bytes) -> _Envelope:
    try:
        return msgspec.json.decode(body, type=_Envelope)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        # The standard library forgives half a surrogate and NaN, so only the message that holds one is refused, not the whole batch.
        try:
            forgiven = json.loads(body)
        except ValueError:
            forgiven = None
        if not isinstance(forgiven, dict) or not isinstance(forgiven.get("batch"), list):
            raise
        rest = msgspec.convert({name: forgiven.get(name) for name in ("writeKey", "sentAt")}, _Envelope)
        return _Envelope([msgspec.Raw(json.dumps(item).encode()) for item in forgiven["batch"]], rest.writeKey, rest.sentAt)


def _basic_key(request: HttpRequest) -> str:
    scheme, _, rest = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(rest.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Unacceptable(401, "unauthorized", "The Authorization header is no Basic credential: send the write key as user name.") from error


def _body(request: HttpRequest) -> bytes:
    too_large = Unacceptable(413, "payload_too_large", f"The body is larger than {MAX_BODY // 1024 // 1024} MB. Send smaller batches.")
    length = request.META.get("CONTENT_LENGTH") or ""
    if length.isdigit() and int(length) > MAX_BODY:
        raise too_large
    body = request.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise too_large
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if encoding in {"", "identity"}:
        return body
    if encoding not in {"gzip", "x-gzip"}:
        raise Unacceptable(415, "unsupported_encoding", "Only gzip is understood as Content-Encoding.")
    inflater = zlib.decompressobj(wbits=31)
    inflated = bytearray()
    try:
        for start in range(0, len(body), _CHUNK):
            inflated += inflater.decompress(body[start : start + _CHUNK], MAX_BODY + 1 - len(inflated))
            if len(inflated) > MAX_BODY:
                raise too_large
    except zlib.error as error:
        raise Unacceptable(400, "invalid_gzip", f"The body is no gzip: {error}.") from error
    if not inflater.eof:
        raise Unacceptable(400, "invalid_gzip", "The gzip body breaks off.")
    return bytes(inflated)
