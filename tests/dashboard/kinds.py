"""The kinds of jobs that pages ask for; here they are entered, and done by whoever needs that."""

from collections.abc import Callable

from pydantic import SecretStr

from jobs import ruling_job
from jobs.kinds import Kind
from jobs.pruning import KIND
from registry.governance import effect_job
from registry.provisioning import recount_job
from tests.dashboard.exchange_rows import INSTANCE


def effect_kind(dsn: Callable[[], SecretStr]) -> Kind:
    return effect_job.kind(dsn, lambda: INSTANCE)


KINDS = (
    KIND,
    effect_kind(lambda: SecretStr("")),
    recount_job.effect_kind(lambda: SecretStr("")),
    ruling_job.kind(lambda: SecretStr("")),
)
