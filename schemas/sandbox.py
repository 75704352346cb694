"""The sandbox: each document has a topic there beside that of production, for an agency's first events."""

from typing import Final

from schemas.names import TopicName

SANDBOX: Final = "uji."  # topics there begin with it
PRODUCTION: Final = "opd."


def is_sandbox(topic: TopicName) -> bool:
    """Whether what comes on the topic stays in the sandbox."""
    return topic.startswith(SANDBOX)


def in_production(topic: TopicName) -> TopicName:
    """The topic of the same document in production."""
    return TopicName(PRODUCTION + topic.removeprefix(SANDBOX)) if is_sandbox(topic) else topic
