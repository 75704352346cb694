"""The tables of the hub, as SQLAlchemy sees them, by subject.

The migrations are what a database is made with; a test compares the two, so that neither drifts. Tables of the
schema `reference` come from contracts (`hub_db/reference_tables.py`).
"""

from hub_db.models import (
    access,
    audit,
    boards,
    cases,
    conflicts,
    drafts,
    exchange,
    facts,
    grants,
    identity,
    jobs,
    loads,
    notices,
    papers,
    pasts,
    persons,
    profiles,
    returned,
    sources,
    troubles,
)
from hub_db.models.columns import metadata

__all__ = [
    "access",
    "audit",
    "boards",
    "cases",
    "conflicts",
    "drafts",
    "exchange",
    "facts",
    "grants",
    "identity",
    "jobs",
    "loads",
    "metadata",
    "notices",
    "papers",
    "pasts",
    "persons",
    "profiles",
    "returned",
    "sources",
    "troubles",
]
