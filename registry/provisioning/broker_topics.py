"""Topics and their settings on the broker."""

from collections.abc import Collection, Mapping, Sequence

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import TopicAlreadyExistsError, for_code

from registry.provisioning.found import FoundTopic
from registry.provisioning.outcome import SEEN_WITHIN_S, refuse, wait
from registry.provisioning.rights import PREFIXES
from registry.provisioning.topics import Topic
from schemas.names import TopicName


def topics_of(client: KafkaAdminClient, looked_at: Collection[TopicName]) -> dict[TopicName, FoundTopic]:
    """The topics of our prefixes; the settings only of those that are looked at."""
    there = {topic["name"]: topic for topic in client.describe_topics() if topic["name"].startswith(PREFIXES)}
    configs = _configs(client, [name for name in there if name in looked_at])
    return {
        TopicName(name): FoundTopic(
            partitions=len(topic["partitions"]),
            replication=min((len(each["replica_nodes"]) for each in topic["partitions"]), default=1),
            configs=configs.get(name, {}),
        )
        for name, topic in there.items()
    }


def make(client: KafkaAdminClient, wanted: Sequence[Topic], replication: int) -> None:
    """Returns when the broker shows them. Raises ProvisioningFailed."""
    if not wanted:
        return
    specifications = {
        topic.name: {
            "num_partitions": topic.partitions,
            "replication_factor": replication,
            "configs": topic.settings(replication),
        }
        for topic in wanted
    }
    answer = client.create_topics(specifications, raise_errors=False)
    _all_well(answer["topics"], specifications, but=TopicAlreadyExistsError.errno)
    client.wait_for_topics(list(specifications), timeout_ms=SEEN_WITHIN_S * 1000)


def grow(client: KafkaAdminClient, wanted: Sequence[Topic]) -> None:
    """Give topics more partitions. Raises ProvisioningFailed."""
    if not wanted:
        return
    sizes = {topic.name: topic.partitions for topic in wanted}
    answer = client.create_partitions(sizes, raise_errors=False)
    _all_well([each.to_dict() for each in answer.results], sizes)
    wait(lambda: _sizes(client, list(sizes)) == sizes, "the partitions")


def set_configs(client: KafkaAdminClient, wrong: Mapping[TopicName, Mapping[str, str]]) -> None:
    """Set these settings of these topics; others are left."""
    if not wrong:
        return
    resources = [ConfigResource(ConfigResourceType.TOPIC, name, dict(values)) for name, values in wrong.items()]
    client.alter_configs(resources, incremental=True)
    wait(lambda: _are_set(_configs(client, list(wrong)), wrong), "the topics' settings")


def destroy(client: KafkaAdminClient, name: str) -> None:
    """Delete a topic with everything in it. Raises ProvisioningFailed."""
    answer = client.delete_topics([name], raise_errors=False)
    _all_well(answer["topics"], [name])
    wait(lambda: name not in client.list_topics(), "the deletion")


def _configs(client: KafkaAdminClient, names: Sequence[str]) -> dict[str, dict[str, str | None]]:
    if not names:
        return {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found = client.describe_configs(resources, config_filter="all").get("topic", {})
    return {name: {key: config["value"] for key, config in configs.items()} for name, configs in found.items()}


def _sizes(client: KafkaAdminClient, names: list[TopicName]) -> dict[TopicName, int]:
    return {TopicName(topic["name"]): len(topic["partitions"]) for topic in client.describe_topics(names)}


def _are_set(found: Mapping[str, Mapping[str, str | None]], wrong: Mapping[TopicName, Mapping[str, str]]) -> bool:
    return all(found.get(name, {}).get(key) == value for name, values in wrong.items() for key, value in values.items())


def _all_well(answers: Sequence[Mapping[str, object]], asked: Collection[str], but: int = 0) -> None:
    """Raise ProvisioningFailed with every refusal, and with what got no answer."""
    codes = {str(each["name"]): (int(str(each["error_code"])), each.get("error_message")) for each in answers}
    refuse(
        {
            name: f"{for_code(codes[name][0]).__name__} {codes[name][1] or ''}".strip()
            if name in codes
            else "no answer"
            for name in asked
            if name not in codes or codes[name][0] not in (0, but)
        }
    )
