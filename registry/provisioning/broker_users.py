"""SCRAM users and their quotas on the broker."""

from collections.abc import Mapping, Sequence
from typing import Any

from kafka.admin import KafkaAdminClient, ScramMechanism, UserScramCredentialUpsertion
from kafka.errors import for_code
from kafka.protocol.admin import AlterClientQuotasRequest, DescribeClientQuotasRequest
from pydantic import SecretStr

from registry.errors import ProvisioningFailed
from registry.provisioning.outcome import refuse, wait

SCRAM_ITERATIONS = 8_192
_RATE = "producer_byte_rate"
_BY_ANY_NAME = 2  # match_type of DescribeClientQuotas (KIP-546)


def set_passwords(client: KafkaAdminClient, users: Mapping[str, SecretStr]) -> None:
    """Always, as a broker tells nobody whether a password is the one it has."""
    results = client.alter_user_scram_credentials(
        [
            UserScramCredentialUpsertion(
                name, ScramMechanism.SCRAM_SHA_512, password.get_secret_value(), iterations=SCRAM_ITERATIONS
            )
            for name, password in users.items()
        ]
    )
    refuse({name: results.get(name, "no answer") for name in users if results.get(name, "no answer") is not None})


def users_of(client: KafkaAdminClient, names: Mapping[str, SecretStr]) -> set[str]:
    """Those of `names` that the broker knows with our mechanism and number of iterations."""
    wanted = {"mechanism": ScramMechanism.SCRAM_SHA_512, "iterations": SCRAM_ITERATIONS}
    described = client.describe_user_scram_credentials(list(names))
    return {name for name, found in described.items() if wanted in found["credential_infos"]}


def set_quotas(client: KafkaAdminClient, users: Sequence[str], rate: int) -> list[str]:
    """A share of the broker's line for each OPD, so that a flood from one does not drown the others.

    Returns the users whose share was changed.
    """
    have = _rates(client)
    wrong = [user for user in users if have.get(user) != rate]
    if wrong:
        answer = _send(client, AlterClientQuotasRequest(entries=[_quota(user, rate) for user in wrong]))
        errors = {for_code(each.error_code).__name__ for each in answer.entries if each.error_code}
        if errors or len(answer.entries) != len(wrong):
            raise ProvisioningFailed(f"quotas refused: {', '.join(sorted(errors)) or 'no answer'}")
        wait(lambda: all(_rates(client).get(user) == rate for user in users), "the quotas")
    return wrong


def _quota(user: str, rate: int) -> Any:
    entry = AlterClientQuotasRequest.EntryData
    return entry(
        entity=[entry.EntityData(entity_type="user", entity_name=user)],
        ops=[entry.OpData(key=_RATE, value=float(rate), remove=False)],
    )


def _rates(client: KafkaAdminClient) -> dict[str, float]:
    """The producing rate of each user that has one, bytes a second."""
    component = DescribeClientQuotasRequest.ComponentData(entity_type="user", match_type=_BY_ANY_NAME, match=None)
    answer = _send(client, DescribeClientQuotasRequest(components=[component], strict=True))
    if answer.error_code:
        raise for_code(answer.error_code)(answer.error_message)
    return {
        entry.entity[0].entity_name: value.value
        for entry in answer.entries or ()
        for value in entry.values
        if value.key == _RATE
    }


def _send(client: KafkaAdminClient, request: Any) -> Any:
    """kafka-python has the messages of KIP-546 but no method for them yet, hence its connection manager."""
    return client._manager.run(client._manager.send, request)
