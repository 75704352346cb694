"""Faust's transport for the reader of facts: single messages as Faust makes them, positions from the database."""

from collections.abc import AsyncIterator
from typing import Any

from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import TP, ConsumerMessage

from consumers.settings import StagesSettings
from consumers.transport import HubApp, HubConsumer, HubTransport, Positions, hub_app


class StagesApp(HubApp):
    """A Faust app whose agents get single messages."""

    hub_fetch_wait_ms = 250  # a few records a minute: the broker is asked less often
    hub_fetch_bytes = 1  # none of them waits for others

    def _new_transport(self) -> "StagesTransport":
        return StagesTransport(self.conf.broker_consumer, self)


class StagesConsumer(HubConsumer):
    """Seeks to the database's position; hands on what Faust hands on."""

    def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """Faust's own."""
        found: Any = driver.Consumer.getmany(self, timeout)
        return found  # type: ignore[no-any-return]  # as Faust's drivers name their messages


class StagesTransport(HubTransport):
    """The transport that the app uses."""

    Consumer = StagesConsumer


def stages_app(settings: StagesSettings, positions: Positions, settled: dict[TP, int]) -> StagesApp:
    """The app of one reader."""

    async def leave(_: frozenset[TP]) -> None:
        """Nothing to finish: a decision that comes late finds the place moved on, and is rolled back."""

    app: Any = hub_app(settings, StagesApp)
    app.hub_positions, app.hub_leave, app.hub_settled = positions, leave, settled
    app.hub_waits = lambda: False  # few and each at once
    return app  # type: ignore[no-any-return]  # Faust's constructor is not typed
