"""Settings of the notifier: how people are told, by which ways, and when not."""

from datetime import time
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

Hour = Annotated[int, Field(ge=0, le=23)]
Port = Annotated[int, Field(ge=1, le=65535)]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SmtpSettings(_Settings):
    """The mail server that takes what the hub sends."""

    host: str
    port: Port = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: SecretStr | None = None
    ca_file: Path | None = None  # besides the system's own authorities
    sender: Annotated[str, Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")]
    sender_name: str = "Simpul"
    timeout_s: float = Field(default=15.0, gt=0)

    @model_validator(mode="after")
    def _a_password_needs_a_closed_line(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("user name and password of the mail server go together")
        if self.password is not None and self.security == "none":
            raise ValueError("a password is not sent over an open line: use starttls or tls")
        return self

    @property
    def domain(self) -> str:
        """What stands behind the @ of message ids."""
        return self.sender.rpartition("@")[2]


class WebhookSettings(_Settings):
    """Where the hub may send to, and the key from which each webhook's own key is made."""

    key: SecretStr
    networks: tuple[IPv4Network | IPv6Network, ...] = ()  # private ones that may be reached nevertheless
    ports: tuple[Port, ...] = (80, 443)
    timeout_s: float = Field(default=10.0, gt=0, le=10)  # for all of it: name, connection, request, answer
    answer_bytes: int = Field(default=65_536, ge=1024)


class NoticeSettings(_Settings):
    """What the notifier needs."""

    zone_name: str  # IANA name
    walidata: str  # OPD whose offices stand above the agencies'
    place: str  # short name of the local government, for subjects and greetings
    public_url: str = ""  # where the pages answer, for links
    quiet_from: time = time(20, 0)
    quiet_until: time = time(6, 0)
    digest_hour: Hour = 7
    escalate_disturbance_h: float = Field(default=4.0, gt=0)
    escalate_attention_h: float = Field(default=24.0, gt=0)  # and then on a working day
    flap_s: float = Field(default=1800.0, ge=0)  # a cause that comes back sooner is told in the digest only
    give_up_h: float = Field(default=72.0, gt=0)  # tries to deliver one message
    lease_s: float = Field(default=120.0, gt=0)
    smtp: SmtpSettings | None = None
    webhook: WebhookSettings | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone_name)
