"""What sources need on Kafka along their lives: topics, principals, rights, quotas; planned, then applied."""

from registry.provisioning.kafka import bring_to, connected, provision
from registry.provisioning.plan import Plan, plan
from registry.provisioning.rights import HUB_PRINCIPALS, principals
from registry.provisioning.sources import Source, System, opd_principal, system_principal
from registry.provisioning.wanted import Wanted, wanted

__all__ = [
    "HUB_PRINCIPALS",
    "Plan",
    "Source",
    "System",
    "Wanted",
    "bring_to",
    "connected",
    "opd_principal",
    "plan",
    "principals",
    "provision",
    "system_principal",
    "wanted",
]
