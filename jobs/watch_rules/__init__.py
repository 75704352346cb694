"""The rules of the watch. A new one is a function, a line here, a page in `pages/`, and a test that fires it."""

from collections.abc import Sequence

from jobs.watch import Rule
from jobs.watch_rules import (
    access,
    audit,
    disk,
    expiry,
    lag,
    loads,
    logs,
    outbox,
    parking,
    profiles,
    queue,
    references,
    rejects,
    sessions,
    silence,
    stale,
)

RULES: Sequence[Rule] = (
    lag.RULE,
    loads.RESTING,
    loads.WAITING,
    outbox.RULE,
    logs.LOST,
    logs.DEATHS,
    disk.RULE,
    silence.RULE,
    rejects.RULE,
    stale.RULE,
    profiles.RULE,
    parking.RULE,
    references.UNREGISTERED,
    references.ENDED,
    expiry.TOKENS,
    expiry.GRANTS,
    expiry.AGREEMENTS,
    access.WAITING,
    access.ANSWERED,
    access.DELETIONS,
    audit.UNSEALED,
    audit.MASS_LOOKS,
    sessions.IDLE,
    sessions.SIGN_INS,
    queue.FAILED,
    queue.STALLED,
    queue.MESSAGES,
)
