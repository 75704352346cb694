"""The difference between what Kafka should have and what it has: steps that mend it, and what nobody asked for. Pure.

A plan takes away only rights of ours that a state of a source, a system switched off or an ended grant no longer gives.
All else that is too much (a topic, a right, a user, a quota made by hand) is listed, and stays until somebody destroys
it by its name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from registry.provisioning.acls import Acl
from registry.provisioning.found import Found
from registry.provisioning.wanted import Wanted
from schemas.names import TopicName


class StepKind(StrEnum):
    """What a step does, in the order in which steps are done."""

    TAKE_RIGHT = "take-right"
    MAKE_TOPIC = "make-topic"
    GROW_TOPIC = "grow-topic"
    SET_TOPIC = "set-topic"
    SET_PASSWORD = "set-password"  # noqa: S105 - the name of a step
    SET_QUOTA = "set-quota"
    GIVE_RIGHT = "give-right"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. `detail` is for people."""

    kind: StepKind
    name: str  # of the topic, the user or the ACL
    detail: str = ""
    acl: Acl | None = None


class ExtraKind(StrEnum):
    """What is too much."""

    TOPIC = "topic"
    RIGHT = "right"
    USER = "user"
    QUOTA = "quota"


@dataclass(frozen=True, slots=True)
class Extra:
    """Something of ours that nothing asks for. `name` tells it from everything else there is."""

    kind: ExtraKind
    name: str
    acl: Acl | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do, what is too much, and what is otherwise than wanted and stays so."""

    steps: tuple[Step, ...]
    extras: tuple[Extra, ...]
    left: tuple[str, ...]  # topics with fewer partitions than wanted, which may not grow

    def names(self, kind: StepKind) -> tuple[str, ...]:
        """What the steps of one kind are about."""
        return tuple(step.name for step in self.steps if step.kind is kind)

    @property
    def is_clean(self) -> bool:
        return not self.steps and not self.extras


def plan(wanted: Wanted, found: Found) -> Plan:
    """Compare. Two plans of the same two are the same."""
    order = list(StepKind)
    steps = [*_about_topics(wanted, found), *_about_rights(wanted, found), *_about_users(wanted, found)]
    return Plan(
        steps=tuple(sorted(steps, key=lambda step: (order.index(step.kind), step.name))),
        extras=tuple(sorted(_extras(wanted, found), key=lambda extra: (extra.kind, extra.name))),
        left=tuple(
            f"{name} tetap {found.topics[name].partitions} partisi"
            for name, topic in sorted(wanted.topics.items())
            if name in found.topics and found.topics[name].partitions < topic.partitions and not topic.may_grow
        ),
    )


def _about_topics(wanted: Wanted, found: Found) -> Iterator[Step]:
    for name, topic in wanted.topics.items():
        there = found.topics.get(name)
        if there is None:
            yield Step(StepKind.MAKE_TOPIC, name, f"{topic.partitions} partisi")
            continue
        if there.partitions < topic.partitions and topic.may_grow:
            yield Step(StepKind.GROW_TOPIC, name, f"{there.partitions} → {topic.partitions} partisi")
        wrong = changed_settings(wanted, found, name)
        if wrong:
            said = ", ".join(f"{key}={there.configs.get(key)} → {value}" for key, value in sorted(wrong.items()))
            yield Step(StepKind.SET_TOPIC, name, said)


def changed_settings(wanted: Wanted, found: Found, name: TopicName) -> dict[str, str]:
    """The settings of ours that a topic has otherwise; others' are left."""
    there = found.topics[name]
    should = wanted.topics[name].settings(there.replication)
    return {key: value for key, value in should.items() if there.configs.get(key) != value}


def _about_rights(wanted: Wanted, found: Found) -> Iterator[Step]:
    for acl in map(Acl.of, wanted.rights):
        if acl not in found.acls:
            yield Step(StepKind.GIVE_RIGHT, str(acl), acl=acl)
    for acl in map(Acl.of, wanted.withdrawn):
        if acl in found.acls:
            yield Step(StepKind.TAKE_RIGHT, str(acl), acl=acl)


def _about_users(wanted: Wanted, found: Found) -> Iterator[Step]:
    for name in wanted.users - found.open:
        yield Step(StepKind.SET_PASSWORD, name, "kata sandi diganti" if name in found.users else "pengguna baru")
    for name, rate in wanted.rates.items():
        if found.rates.get(name) != rate:
            yield Step(StepKind.SET_QUOTA, name, f"{rate} bita per detik")


def _extras(wanted: Wanted, found: Found) -> Iterator[Extra]:
    for topic in found.topics.keys() - wanted.topics.keys() - wanted.kept:
        yield Extra(ExtraKind.TOPIC, topic)
    known = {Acl.of(right) for right in wanted.rights | wanted.withdrawn}
    for acl in found.acls - known:
        if wanted.touches(acl):
            yield Extra(ExtraKind.RIGHT, str(acl), acl)
    for user in found.users - wanted.users - wanted.systems:
        if wanted.is_ours(user):
            yield Extra(ExtraKind.USER, user)
    for user in found.rates.keys() - wanted.rates.keys():
        if wanted.is_ours(user):
            yield Extra(ExtraKind.QUOTA, user)
