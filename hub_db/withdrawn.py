"""Events of loads that were withdrawn: in a batch they are returned, whatever they say."""

from collections.abc import Set
from dataclasses import replace

from hub_db.event_frames import Batch, Judged
from hub_db.events import DeadLetter, Event
from schemas.reasons import reject
from schemas.rejection import Rejection

WITHDRAWN = "load-withdrawn"


def without(batch: Batch, withdrawn: Set[str]) -> Batch:
    """The batch with its events of withdrawn loads as dead letters. Costs nothing where no load is withdrawn."""
    if not withdrawn:
        return batch
    parts = [_without(each, withdrawn) for each in batch.parts]
    if all(new is old for new, old in zip(parts, batch.parts, strict=True)):
        return batch
    return Batch.of(parts)


def _without(batch: Judged, withdrawn: Set[str]) -> Judged:
    out = [event for event in batch.events if event.load in withdrawn]
    frame = batch.frame
    if frame is not None:
        gone, frame = frame.split(frame.marks["load"].is_in(list(withdrawn)).fill_null(value=False))
        out += gone.events(batch.stretch.topic_no)
    if not out:
        return batch
    letters = [*batch.dead_letters, *(_letter(batch, event) for event in out)]
    return replace(
        batch,
        events=[event for event in batch.events if event.load not in withdrawn],
        frame=frame,
        dead_letters=sorted(letters, key=lambda letter: letter.offset),
    )


def reason() -> Rejection:
    """Why an event of a withdrawn load is returned."""
    return reject(WITHDRAWN, "ce_simpulload", "kejadian dari muatan yang ditarik", "muatan yang berlaku")


def _letter(batch: Judged, event: Event) -> DeadLetter:
    headers, appended_at = ([], None) if batch.arrival is None else batch.arrival(event.place.offset)
    return DeadLetter(
        event.place.offset,
        event.key.encode(),
        event.value,
        headers,
        appended_at,
        [reason()],
        replayed=event.replayed,
    )
