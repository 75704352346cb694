"""How to reach Kafka: one settings class, spoken in the words of each client library."""

import ssl
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, SecretStr


class KafkaSettings(BaseModel):
    """A principal's way to the broker."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bootstrap: str  # "host:port[,host:port…]"
    username: str
    password: SecretStr
    security_protocol: Literal["SASL_PLAINTEXT", "SASL_SSL"] = "SASL_PLAINTEXT"
    sasl_mechanism: Literal["SCRAM-SHA-512"] = "SCRAM-SHA-512"
    ca_file: Path | None = None  # PEM; None = the authorities that the system trusts

    def ssl_context(self) -> ssl.SSLContext | None:
        """What SASL_SSL is made with: certificate and host name are checked. For aiokafka."""
        return ssl.create_default_context(cafile=self.ca_file) if self.security_protocol == "SASL_SSL" else None

    def kafka_python(self) -> dict[str, Any]:
        """Arguments for kafka-python's clients."""
        return {
            "bootstrap_servers": self.bootstrap.split(","),
            "security_protocol": self.security_protocol,
            "sasl_mechanism": self.sasl_mechanism,
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password.get_secret_value(),
            "ssl_cafile": None if self.ca_file is None else str(self.ca_file),
        }

    def librdkafka(self) -> dict[str, Any]:
        """Configuration for confluent-kafka's clients."""
        return {
            "bootstrap.servers": self.bootstrap,
            "security.protocol": self.security_protocol,
            "sasl.mechanism": self.sasl_mechanism,
            "sasl.username": self.username,
            "sasl.password": self.password.get_secret_value(),
            **({} if self.ca_file is None else {"ssl.ca.location": str(self.ca_file)}),
        }
