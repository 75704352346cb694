"""Partitions that rest until a person lets them go on. The database says which; this is what one worker knows of it."""

import asyncio
import logging
from collections.abc import Callable, Mapping

from faust.types.tuples import TP

from consumers.partition import Partition
from consumers.positions import PartitionPlace, open_partitions
from consumers.settings import IntakeSettings
from consumers.transport import HubApp
from hub_db import pauses
from hub_db.connection import connect, transaction
from hub_db.errors import Contended, Unreachable

log = logging.getLogger("simpul.intake")

LOOK_EVERY_S = 1.0


class Resting:
    """The partitions of one worker of which it has learned that they rest. Its methods run in the loop."""

    def __init__(
        self, settings: IntakeSettings, places: dict[Partition, PartitionPlace], fatal: Callable[[Exception], None]
    ) -> None:
        self.settings, self.places, self.fatal = settings, places, fatal
        self.partitions: set[Partition] = set()

    def let_rest(self, app: HubApp, partition: Partition) -> None:
        """Fetch nothing of a partition."""
        self.partitions.add(partition)
        app.consumer.pause_partitions({TP(partition.topic, partition.number)})

    def forget(self) -> None:
        """The partitions are somebody else's now, or assigned anew: whoever reads them finds out."""
        self.partitions.clear()

    async def wake(self, app: HubApp) -> None:
        """Go on with those whose pause a person has ended, from where the database stands. Never returns."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            asked = {partition: self.places[partition] for partition in self.partitions if partition in self.places}
            if not asked:
                continue
            try:
                going = await asyncio.to_thread(_going, self.settings, asked)
            except (Unreachable, Contended) as error:
                log.warning("waiting", extra={"action": "wait", "why": str(error)})
                continue
            except Exception as error:  # noqa: BLE001  the next start looks again
                self.fatal(error)
                return
            for partition in going.keys() & self.partitions:  # what was taken from us meanwhile is not ours to wake
                await self._go_on(app, partition, going[partition])

    async def _go_on(self, app: HubApp, partition: Partition, place: PartitionPlace) -> None:
        extra = {"topic": partition.topic, "partition": partition.number, "offset": place.next_offset}
        log.warning("a partition goes on", extra={"action": "resume", **extra})
        self.places[partition] = place
        self.partitions.discard(partition)
        tp = TP(partition.topic, partition.number)
        await app.consumer.seek_wait({tp: place.next_offset})
        app.consumer.resume_partitions({tp})


def _going(settings: IntakeSettings, asked: Mapping[Partition, PartitionPlace]) -> dict[Partition, PartitionPlace]:
    """Those of the partitions whose pause has ended, opened anew. Raises Unreachable."""
    with connect(settings.dsn, process="simpul-intake-resting") as conn, transaction(conn):
        found = pauses.going(conn, [(place.topic_id, partition.number) for partition, place in asked.items()])
    ended = [partition for partition, place in asked.items() if (place.topic_id, partition.number) in found]
    return open_partitions(settings.kafka, settings.dsn, settings.worker, ended)
