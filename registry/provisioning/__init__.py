"""What a document needs on Kafka: topics, principals, rights, quotas."""

from registry.provisioning.kafka import Provisioned, provision
from registry.provisioning.rights import HUB_PRINCIPALS, opd_principal, principals

__all__ = ["HUB_PRINCIPALS", "Provisioned", "opd_principal", "principals", "provision"]
