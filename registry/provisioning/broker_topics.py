"""Topics and their settings on the broker."""

import logging
from collections.abc import Sequence

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import TopicAlreadyExistsError, for_code

from registry.provisioning.outcome import refuse, wait
from registry.provisioning.topics import Topic
from schemas.names import TopicName

log = logging.getLogger(__name__)


def make_topics(client: KafkaAdminClient, wanted: Sequence[Topic], replication: int) -> list[TopicName]:
    there = {topic["name"]: len(topic["partitions"]) for topic in client.describe_topics()}
    for topic in wanted:
        if there.get(topic.name, topic.partitions) != topic.partitions:
            log.warning("%s keeps its %d partitions", topic.name, there[topic.name])
    missing = {topic.name: topic for topic in wanted if topic.name not in there}
    if not missing:
        return []
    specifications = {
        name: {"num_partitions": topic.partitions, "replication_factor": replication, "configs": dict(topic.configs)}
        for name, topic in missing.items()
    }
    answer = client.create_topics(specifications, raise_errors=False)
    codes = {each["name"]: (each["error_code"], each.get("error_message")) for each in answer["topics"]}
    refuse(
        {
            name: f"{for_code(codes[name][0]).__name__} {codes[name][1] or ''}".strip()
            if name in codes
            else "no answer"
            for name in missing
            if name not in codes or codes[name][0] not in (0, TopicAlreadyExistsError.errno)
        }
    )
    return [name for name in missing if codes[name][0] == 0]


def set_configs(client: KafkaAdminClient, wanted: Sequence[Topic]) -> list[TopicName]:
    """Topics that were there, with other settings: ours are set, others' are left."""
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name, dict(topic.configs)) for topic in wanted]
    found = client.describe_configs(resources, config_filter="all").get("topic", {})
    wrong = {}
    for topic in wanted:
        have = {name: config["value"] for name, config in found.get(topic.name, {}).items()}
        if have and any(have.get(name) != value for name, value in topic.configs.items()):
            wrong[topic.name] = ConfigResource(ConfigResourceType.TOPIC, topic.name, dict(topic.configs))
    if wrong:
        client.alter_configs(list(wrong.values()), incremental=True)
        wait(lambda: _configs_right(client, resources, wanted), "the topics' settings")
    return list(wrong)


def _configs_right(client: KafkaAdminClient, resources: list[ConfigResource], wanted: Sequence[Topic]) -> bool:
    found = client.describe_configs(resources, config_filter="all").get("topic", {})
    return all(
        found.get(topic.name, {}).get(name, {}).get("value") == value
        for topic in wanted
        for name, value in topic.configs.items()
    )
