"""ACLs on the broker."""

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

from registry.errors import ProvisioningFailed
from registry.provisioning.rights import Operation, Pattern, Resource, Right


def give_rights(client: KafkaAdminClient, wanted: frozenset[Right]) -> list[Right]:
    missing = sorted(wanted - rights_of(client))
    if missing:
        results = client.create_acls([_acl(right) for right in missing])
        if results["failed"] or len(results["succeeded"]) != len(missing):
            reasons = sorted({error.__name__ for error in results["failed"]}) or ["no answer"]
            raise ProvisioningFailed(f"{len(results['failed'])} of {len(missing)} rights refused: {', '.join(reasons)}")
    return missing


def rights_of(client: KafkaAdminClient) -> frozenset[Right]:
    """The rights that the broker has, of the kinds that we know; denials and rights of one host are not ours."""
    anything = ACLFilter(
        principal=None,
        host=None,
        operation=ACLOperation.ANY,
        permission_type=ACLPermissionType.ALLOW,
        resource_pattern=ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY),
    )
    acls, _ = client.describe_acls(anything)
    return frozenset(right for acl in acls if (right := _right(acl)) is not None)


def _acl(right: Right) -> ACL:
    return ACL(
        principal=f"User:{right.principal}",
        host="*",
        operation=ACLOperation[right.operation],
        permission_type=ACLPermissionType.ALLOW,
        resource_pattern=ResourcePattern(
            ResourceType[right.resource], right.name, ACLResourcePatternType[right.pattern]
        ),
    )


def _right(acl: ACL) -> Right | None:
    where = acl.resource_pattern
    kind, principal = acl.principal.split(":", 1)
    if kind != "User" or acl.host != "*":
        return None
    try:
        return Right(
            principal,
            Resource(where.resource_type.name),
            Pattern(where.pattern_type.name),
            where.resource_name,
            Operation(acl.operation.name),
        )
    except ValueError:
        return None  # a kind of right that we never give
