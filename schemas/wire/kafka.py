"""How to reach Kafka: one settings class, spoken in the words of each client library."""

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

    def kafka_python(self) -> dict[str, Any]:
        """Arguments for kafka-python's clients."""
        return {
            "bootstrap_servers": self.bootstrap.split(","),
            "security_protocol": self.security_protocol,
            "sasl_mechanism": self.sasl_mechanism,
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password.get_secret_value(),
        }

    def librdkafka(self) -> dict[str, Any]:
        """Configuration for confluent-kafka's clients."""
        return {
            "bootstrap.servers": self.bootstrap,
            "security.protocol": self.security_protocol,
            "sasl.mechanism": self.sasl_mechanism,
            "sasl.username": self.username,
            "sasl.password": self.password.get_secret_value(),
        }
