"""Errors of the room.

ProducersError
├── FileRefused         a file that cannot be read as this document: nothing of it was sent
├── DocumentUnknown     the registry does not know the document, or not as it stands here
├── KafkaUnreachable    the world's fault: Kafka did not answer, or not to this principal
└── DeliveryFailed      events that Kafka did not confirm; sending the same again is safe
"""


class ProducersError(Exception):
    """Base of everything this room raises. Its text is Indonesian: an OPD reads it."""


class FileRefused(ProducersError):
    """A file of which nothing was sent."""


class DocumentUnknown(ProducersError):
    """A document that cannot be published."""


class KafkaUnreachable(ProducersError):
    """Kafka did not answer, or refused the principal."""


class DeliveryFailed(ProducersError):
    """Some events were not confirmed. `unconfirmed` says how many."""

    def __init__(self, message: str, unconfirmed: int) -> None:
        super().__init__(message)
        self.unconfirmed = unconfirmed
