"""The identity of an event: the same change published twice is the same event."""

from hashlib import blake2b

from schemas.names import EventKey, TopicName

_ID_BYTES = 16  # 128 bits: no two of a thousand million million events share one


def event_id(topic: TopicName, key: EventKey, epoch: int, sequence: int, body: bytes | None) -> str:
    """`ce_id`: a digest of where, which key, which version and what; `body` is None for a delete."""
    digest = blake2b(f"{topic}\n{key}\n{epoch}\n{sequence}\n".encode(), digest_size=_ID_BYTES)
    digest.update(b"-" if body is None else b"+" + body)
    return digest.hexdigest()
