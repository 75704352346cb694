"""What the web pages need to run."""

import secrets
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from base.instance import Instance
from identity.passwords import Policy
from schemas.wire.kafka import KafkaSettings


class Settings(BaseModel):
    """Settings of the pages. Times are in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dsn: SecretStr  # PostgreSQL, role simpul_web
    kafka: KafkaSettings  # principal hub-web
    instance: Instance
    # Names by which the pages may be asked for. Another name in `Host` is a page of a stranger that was
    # pointed at this machine (DNS rebinding), and is refused.
    hosts: frozenset[str] = frozenset({"127.0.0.1", "localhost"})
    # Where people open the pages: the code on a paper leads there. Empty: not known, and no paper is made for signing.
    public_url: str = ""
    # Issuers of certificates whose signatures count: a file or folder of PEM; without one no signed file is accepted.
    signature_anchors: Path | None = None
    password_policy: Policy = Policy()
    # Hides new Kafka passwords on their way to the keeper; with another key than his, none is ever told.
    credential_seal: SecretStr = Field(default_factory=lambda: SecretStr(secrets.token_hex(32)))
    credential_wait_s: Annotated[float, Field(ge=0.1, le=25)] = 20.0  # for the keeper, before the page gives up
    sample_s: Annotated[float, Field(ge=0.2, le=60)] = 1.0  # between two samples while somebody looks
    idle_sample_s: Annotated[float, Field(ge=0.2, le=600)] = 5.0  # between two samples while nobody looks
    count_s: Annotated[float, Field(ge=2, le=600)] = 2.0  # least time between two counts of reference rows
    statement_timeout_s: Annotated[float, Field(ge=0.1, le=60)] = 5.0  # one statement, then the page says so
    board_wait_s: Annotated[float, Field(ge=0, le=10)] = 1.5  # after an act, until the boards of cases show it
    stale_s: Annotated[float, Field(ge=1, le=60)] = 5.0  # a source silent for so long is called away
    max_streams: Annotated[int, Field(ge=1, le=10_000)] = 500  # live connections in all
    max_streams_each: Annotated[int, Field(ge=1, le=100)] = 4  # live connections of one person
    recheck_s: Annotated[float, Field(ge=0.1, le=60)] = 30.0  # between two looks whether a live reader's session holds
    send_timeout_s: Annotated[float, Field(ge=0.1, le=60)] = 10.0  # a reader slower than this is dropped
    calls_a_second: Annotated[float, Field(gt=0, le=100_000)] = 100.0  # of one service token, in each process
    calls_at_once: Annotated[int, Field(ge=1, le=100_000)] = 200  # after a rest
    stream_life_s: Annotated[float, Field(ge=1, le=3600)] = 300.0  # then the browser connects and is checked again

    @property
    def words_of_region(self) -> tuple[str, ...]:
        """Words that anybody would try in a password here; the agencies' names come from the database."""
        return (self.instance.nama, self.instance.nama_pendek, self.instance.ibu_kota)
