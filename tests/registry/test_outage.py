"""PostgreSQL away: the registry starts, says so, and recovers without a hand."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import SecretStr

from tests.eventually import eventually
from tests.registry.server import Server, serving
from tests.relay import Relay

TEXT = '{"type":"enum","name":"e","symbols":["A"]}'
AWAY = (503, {"error_code": 50001, "message": "Error in the backend data store: it is not reachable. Ask again later."})


@pytest.fixture
def relay(database: Any) -> Iterator[Relay]:
    place = conninfo_to_dict(database.dsn().get_secret_value())
    relay = Relay((str(place["host"]), int(str(place["port"]))))
    yield relay
    relay.close()


@pytest.fixture
def behind_relay(relay: Relay, database: Any) -> Iterator[Server]:
    dsn = make_conninfo(database.dsn("simpul_registry").get_secret_value(), host="127.0.0.1", port=str(relay.port))
    with serving(SecretStr(dsn), acquire_timeout_s=0.5) as server:
        yield server


def test_it_starts_without_the_database_and_recovers(behind_relay: Server, relay: Relay) -> None:
    assert behind_relay.ask("/healthz") == (200, {"status": "up"})
    assert behind_relay.ask("/readyz") == AWAY
    assert behind_relay.ask("/subjects") == AWAY
    refused = behind_relay.register("a", TEXT)
    assert (refused.status_code, refused.json(), refused.headers["retry-after"]) == (*AWAY, "2")

    relay.open()

    eventually(lambda: behind_relay.ask("/readyz")[0], until=lambda status: status == 200, within_s=30)
    assert behind_relay.register("a", TEXT).json()["id"] == 1


def test_a_cut_connection_is_noticed_and_replaced(behind_relay: Server, relay: Relay) -> None:
    relay.open()
    eventually(lambda: behind_relay.register("a", TEXT).status_code, until=lambda status: status == 200, within_s=30)
    relay.close()

    assert eventually(lambda: behind_relay.ask("/schemas/ids/1"), until=lambda said: said[0] != 200) == AWAY

    relay.open()
    eventually(lambda: behind_relay.ask("/schemas/ids/1")[0], until=lambda status: status == 200, within_s=30)


def test_killed_sessions_cost_no_request(registry: Server, database: Any) -> None:
    registry.register("a", TEXT)
    with database.connect("simpul_registry", autocommit=True) as connection:
        killed = connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone()

    assert killed is not None
    assert killed[0] >= 1
    assert registry.ask("/subjects") == (200, ["a"])


def test_a_table_without_rights_is_an_error_of_the_house(registry: Server, database: Any) -> None:
    with database.connect(autocommit=True) as connection:
        connection.execute("REVOKE SELECT ON registry.version FROM simpul_registry")

    status, body = registry.ask("/subjects")

    assert (status, body) == (500, {"error_code": 50001, "message": "Error in the backend data store"})
    assert registry.ask("/readyz")[0] == 500


def test_the_registry_cannot_change_or_drop_what_is_registered(registry: Server, database: Any) -> None:
    registry.register("a", TEXT)
    with database.connect("simpul_registry", autocommit=True) as connection:
        for statement in (
            "DELETE FROM registry.schema",
            "UPDATE registry.schema SET schema_text = ''",
            "DELETE FROM registry.reference",
            "UPDATE registry.version SET schema_id = 7",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
