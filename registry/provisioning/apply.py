"""Does the steps of a plan, and destroys by name. Whatever was asked is there when it returns."""

from collections.abc import Mapping
from typing import assert_never

from kafka.admin import KafkaAdminClient
from pydantic import SecretStr

from registry.errors import ProvisioningFailed
from registry.provisioning import broker_rights, broker_topics, broker_users
from registry.provisioning.found import Found
from registry.provisioning.plan import Extra, ExtraKind, Plan, StepKind, changed_settings
from registry.provisioning.wanted import Wanted
from schemas.names import TopicName


def apply(
    client: KafkaAdminClient, plan: Plan, wanted: Wanted, found: Found, *, credentials: Mapping[str, SecretStr]
) -> None:
    """Rights that go, go first; rights that come, come last, when what they are about is there.

    Raises ProvisioningFailed with everything that was refused; steps before the refused one are done.
    """
    missing = [name for name in plan.names(StepKind.SET_PASSWORD) if name not in credentials]
    if missing:
        raise ProvisioningFailed(f"no password for {', '.join(missing)}")
    topics = {kind: [wanted.topics[TopicName(name)] for name in plan.names(kind)] for kind in _OF_TOPICS}
    acls = {kind: [step.acl for step in plan.steps if step.kind is kind and step.acl] for kind in _OF_RIGHTS}
    broker_rights.take(client, acls[StepKind.TAKE_RIGHT])
    broker_topics.make(client, topics[StepKind.MAKE_TOPIC], found.replication)
    broker_topics.grow(client, topics[StepKind.GROW_TOPIC])
    broker_topics.set_configs(
        client, {topic.name: changed_settings(wanted, found, topic.name) for topic in topics[StepKind.SET_TOPIC]}
    )
    broker_users.set_passwords(client, {name: credentials[name] for name in plan.names(StepKind.SET_PASSWORD)})
    broker_users.set_quotas(client, {name: wanted.rates[name] for name in plan.names(StepKind.SET_QUOTA)})
    broker_rights.give(client, acls[StepKind.GIVE_RIGHT])


def destroy(client: KafkaAdminClient, extra: Extra) -> None:
    """Delete one thing that a plan listed. A topic goes with everything in it. Raises ProvisioningFailed."""
    match extra.kind:
        case ExtraKind.TOPIC:
            broker_topics.destroy(client, extra.name)
        case ExtraKind.RIGHT:
            broker_rights.take(client, [extra.acl] if extra.acl is not None else [])
        case ExtraKind.USER:
            broker_users.destroy(client, extra.name)
        case ExtraKind.QUOTA:
            broker_users.take_quota(client, extra.name)
        case _ as never:
            assert_never(never)


_OF_TOPICS = (StepKind.MAKE_TOPIC, StepKind.GROW_TOPIC, StepKind.SET_TOPIC)
_OF_RIGHTS = (StepKind.TAKE_RIGHT, StepKind.GIVE_RIGHT)
