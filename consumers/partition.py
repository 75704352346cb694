"""A partition of a topic, by name and number."""

from typing import NamedTuple

from schemas.names import TopicName


class Partition(NamedTuple):
    """A partition of a topic."""

    topic: TopicName
    number: int
