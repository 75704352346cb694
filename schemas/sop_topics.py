"""The hub's own topics: facts that rooms report, and the events of cases (docs/reference/sop-topics.md)."""

import json
from importlib.resources import files
from typing import Any, Final

from base.instance import fill
from base.instance_tables import Region
from schemas.names import SubjectName, TopicName

FACTS: Final = TopicName("sop.fact")
STATUS: Final = TopicName("sop.status")
_FILES: Final = {FACTS: "fact.avsc", STATUS: "status.avsc"}
SOP_TOPICS: Final = tuple(_FILES)


def schema(topic: TopicName, instance: Region) -> dict[str, Any]:
    """The Avro schema of the topic's messages, in the instance's namespace."""
    text = files("schemas").joinpath("sop").joinpath(_FILES[topic]).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(fill(text, instance))
    return found


def subject(topic: TopicName) -> SubjectName:
    """The registry's subject of the topic's values."""
    return SubjectName(f"{topic}-value")


def event_type(namespace: str, kind: str) -> str:
    """`ce_type` of a fact or of a case's event; `namespace` is the instance's."""
    return f"{namespace}.simpul.sop.{kind}"
