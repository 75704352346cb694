"""Errors of the room.

ProducersError
├── FileRefused         a file that cannot be read as this document: nothing of it was sent
├── DocumentUnknown     the registry does not know the document, or not as it stands here
├── NotAnnounced        the hub could not be asked whether a load may be sent: nothing of it was sent
├── LoadWaits           a person must say yes to the load first: nothing of it was sent
├── LoadRefused         a person said no to the load, or it was withdrawn: nothing of it was sent
├── KafkaUnreachable    the world's fault: Kafka did not answer, or not to this principal
└── DeliveryFailed      events that Kafka did not confirm; sending the same again is safe
"""


class ProducersError(Exception):
    """Base of everything this room raises. Its text is Indonesian: an OPD reads it."""


class FileRefused(ProducersError):
    """A file of which nothing was sent."""


class DocumentUnknown(ProducersError):
    """A document that cannot be published."""


class NotAnnounced(ProducersError):
    """The hub did not answer, or does not know announcements."""


class LoadWaits(ProducersError):
    """A load that waits for somebody's yes."""


class LoadRefused(ProducersError):
    """A load that may not be sent."""


class KafkaUnreachable(ProducersError):
    """Kafka did not answer, or refused the principal."""


class DeliveryFailed(ProducersError):
    """Some events were not confirmed. `unconfirmed` says how many."""

    def __init__(self, message: str, unconfirmed: int) -> None:
        super().__init__(message)
        self.unconfirmed = unconfirmed
