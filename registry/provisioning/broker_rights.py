"""ACLs on the broker."""

from collections.abc import Collection, Sequence

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    KafkaAdminClient,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)
from kafka.errors import NoError

from registry.errors import ProvisioningFailed
from registry.provisioning.acls import Acl
from registry.provisioning.outcome import wait


def acls_of(client: KafkaAdminClient) -> frozenset[Acl]:
    """Every ACL that the broker has."""
    anything = ACLFilter(
        principal=None,
        host=None,
        operation=ACLOperation.ANY,
        permission_type=ACLPermissionType.ANY,
        resource_pattern=ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY),
    )
    found, _ = client.describe_acls(anything)
    return frozenset(
        Acl(
            principal=acl.principal,
            permission=acl.permission_type.name,
            operation=acl.operation.name,
            resource=acl.resource_pattern.resource_type.name,
            pattern=acl.resource_pattern.pattern_type.name,
            name=acl.resource_pattern.resource_name,
            host=acl.host,
        )
        for acl in found
    )


def give(client: KafkaAdminClient, missing: Sequence[Acl]) -> None:
    """Returns when the broker shows them. Raises ProvisioningFailed."""
    if not missing:
        return
    results = client.create_acls([_acl(each) for each in missing])
    if results["failed"] or len(results["succeeded"]) != len(missing):
        reasons = sorted({error.__name__ for error in results["failed"]}) or ["no answer"]
        raise ProvisioningFailed(f"{len(results['failed'])} of {len(missing)} rights refused: {', '.join(reasons)}")
    wait(lambda: not frozenset(missing) - acls_of(client), "the rights")


def take(client: KafkaAdminClient, spare: Collection[Acl]) -> None:
    """Take these away, and nothing that only looks like them. Returns when the broker shows it."""
    if not spare:
        return
    results = client.delete_acls([_filter(each) for each in spare])
    errors = sorted({error.__name__ for _, _, error in results if error is not NoError})
    if errors or len(results) != len(spare):
        raise ProvisioningFailed(f"taking rights away was refused: {', '.join(errors) or 'no answer'}")
    wait(lambda: not frozenset(spare) & acls_of(client), "the withdrawal of rights")


def _acl(acl: Acl) -> ACL:
    return ACL(
        principal=acl.principal,
        host=acl.host,
        operation=ACLOperation[acl.operation],
        permission_type=ACLPermissionType[acl.permission],
        resource_pattern=ResourcePattern(ResourceType[acl.resource], acl.name, ACLResourcePatternType[acl.pattern]),
    )


def _filter(acl: Acl) -> ACLFilter:
    return ACLFilter(
        principal=acl.principal,
        host=acl.host,
        operation=ACLOperation[acl.operation],
        permission_type=ACLPermissionType[acl.permission],
        resource_pattern=ResourcePatternFilter(
            ResourceType[acl.resource], acl.name, ACLResourcePatternType[acl.pattern]
        ),
    )
