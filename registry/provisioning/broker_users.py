"""SCRAM users and their quotas on the broker."""

from collections.abc import Mapping
from typing import Any

from kafka.admin import (
    KafkaAdminClient,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)
from kafka.errors import for_code
from kafka.protocol.admin import AlterClientQuotasRequest, DescribeClientQuotasRequest
from pydantic import SecretStr

from registry.errors import ProvisioningFailed
from registry.provisioning.outcome import refuse, wait

SCRAM_ITERATIONS = 8_192
_RATE = "producer_byte_rate"
_BY_ANY_NAME = 2  # match_type of DescribeClientQuotas (KIP-546)


def iterations_of(client: KafkaAdminClient) -> dict[str, int]:
    """Everybody who has a password by our mechanism, and how many iterations guard it."""
    return {
        name: info["iterations"]
        for name, found in client.describe_user_scram_credentials().items()
        for info in found["credential_infos"]
        if info["mechanism"] is ScramMechanism.SCRAM_SHA_512
    }


def set_passwords(client: KafkaAdminClient, passwords: Mapping[str, SecretStr]) -> None:
    """Make the users, or change their passwords. Returns when the broker shows them."""
    if not passwords:
        return
    _alter(
        client,
        {
            name: UserScramCredentialUpsertion(
                name, ScramMechanism.SCRAM_SHA_512, password.get_secret_value(), iterations=SCRAM_ITERATIONS
            )
            for name, password in passwords.items()
        },
    )
    wait(lambda: not passwords.keys() - iterations_of(client).keys(), "the users")


def set_salted_password(client: KafkaAdminClient, name: str, salt: bytes, salted: bytes) -> None:
    """Make a user, or change his password, of which only the salted form is known here (RFC 5802, SaltedPassword)."""
    upsertion = UserScramCredentialUpsertion(
        name, ScramMechanism.SCRAM_SHA_512, b"", iterations=SCRAM_ITERATIONS, salt=salt
    )
    upsertion.salted_password = salted
    _alter(client, {name: upsertion})
    wait(lambda: name in iterations_of(client), "the user")


def destroy(client: KafkaAdminClient, name: str) -> None:
    """Take a user's password away, so that nobody signs in under the name."""
    _alter(client, {name: UserScramCredentialDeletion(name, ScramMechanism.SCRAM_SHA_512)})
    wait(lambda: name not in iterations_of(client), "the deletion")


def set_quotas(client: KafkaAdminClient, rates: Mapping[str, int]) -> None:
    """A share of the broker's line for each, so that a flood from one does not drown the others."""
    if rates:
        _alter_quotas(client, [_quota(user, rate) for user, rate in rates.items()])
        wait(lambda: rates.items() <= rates_of(client).items(), "the quotas")


def take_quota(client: KafkaAdminClient, user: str) -> None:
    _alter_quotas(client, [_quota(user, None)])
    wait(lambda: user not in rates_of(client), "the quotas")


def rates_of(client: KafkaAdminClient) -> dict[str, float]:
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


def _alter(client: KafkaAdminClient, alterations: Mapping[str, object]) -> None:
    results = client.alter_user_scram_credentials(list(alterations.values()))
    refuse({name: results.get(name, "no answer") for name in alterations if results.get(name, "no answer") is not None})


def _quota(user: str, rate: int | None) -> Any:
    entry = AlterClientQuotasRequest.EntryData
    return entry(
        entity=[entry.EntityData(entity_type="user", entity_name=user)],
        ops=[entry.OpData(key=_RATE, value=float(rate or 0), remove=rate is None)],
    )


def _alter_quotas(client: KafkaAdminClient, entries: list[Any]) -> None:
    answer = _send(client, AlterClientQuotasRequest(entries=entries))
    errors = {for_code(each.error_code).__name__ for each in answer.entries if each.error_code}
    if errors or len(answer.entries) != len(entries):
        raise ProvisioningFailed(f"quotas refused: {', '.join(sorted(errors)) or 'no answer'}")


def _send(client: KafkaAdminClient, request: Any) -> Any:
    """kafka-python has the messages of KIP-546 but no method for them yet, hence its connection manager."""
    return client._manager.run(client._manager.send, request)
