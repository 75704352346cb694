"""Whatever the registry's own OpenAPI text allows is answered as the text says, never with a 5xx."""

from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.registry.server import PASSWORDS, WRITER, Server

SHARES = [
    pytest.param(5, 180, id="some"),
    pytest.param(45, 2_000, id="2,000", marks=pytest.mark.full),
]  # of each operation, right and wrong ones each; how many at least in all
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
AUTH = (WRITER, PASSWORDS[WRITER].get_secret_value())


def operations(server: Server) -> list[Any]:
    """The operations of the text that the server gives."""
    schema = schemathesis.openapi.from_dict(server.ask("/openapi.json")[1])
    return [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]


def test_the_text_has_every_route(shared_registry: Server) -> None:
    paths = shared_registry.ask("/openapi.json")[1]["paths"]

    assert sum(len(methods) for methods in paths.values()) == len(operations(shared_registry))
    assert set(paths) >= {"/subjects/{subject}/versions", "/config/{subject}", "/mode", "/schemas/ids/{schema_id}"}


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("share", "least"), SHARES)
def test_every_answer_is_documented_and_none_is_a_server_error(registry: Server, share: int, least: int) -> None:
    """Asked with what the text allows, and with what it forbids."""
    registry.register("a", '{"type":"record","name":"r","fields":[]}')
    found = operations(registry)
    asked: Counter[str] = Counter()

    for operation in found:
        for mode in GenerationMode:
            ask_all(operation, mode, registry.url, share, asked)

    assert set(asked) == {operation.label for operation in found}
    assert asked.total() >= least


def ask_all(operation: Any, mode: GenerationMode, url: str, share: int, asked: Counter[str]) -> None:
    """Ask one operation. One without parameters has a single right case, and no wrong one."""

    @settings(
        max_examples=share,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Case[Any]) -> None:
        case.call_and_validate(base_url=url, auth=AUTH, checks=CHECKS)
        asked[operation.label] += 1

    with suppress(Unsatisfiable):
        ask()
