"""Whether a password opens the broker."""

from confluent_kafka import KafkaError, KafkaException, Producer
from pydantic import SecretStr

from schemas.wire.kafka import KafkaSettings
from tests.eventually import eventually


def signs_in(way: KafkaSettings, name: str, password: SecretStr) -> bool:
    """True when the broker lets `name` in, False when it says that the password is wrong."""
    errors: list[int] = []
    settings = way.model_copy(update={"username": name, "password": password})
    client = Producer({**settings.librdkafka(), "error_cb": lambda error: errors.append(error.code()), "log_level": 0})

    def answer() -> bool | None:
        try:
            client.list_topics(timeout=0.5)
        except KafkaException:
            client.poll(0)  # hands the errors over
            return False if KafkaError._AUTHENTICATION in errors else None
        return True

    return eventually(answer, until=lambda said: said is not None) is True
