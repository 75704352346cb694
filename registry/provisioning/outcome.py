"""What Kafka said to a request for change, and when its own view shows it."""

import time
from collections.abc import Callable, Mapping
from threading import Event

from registry.errors import ProvisioningFailed

SEEN_WITHIN_S = 20.0  # a broker acknowledges before its own view has the change
_POLL_S = 0.05
_PAUSE = Event()  # nobody sets it


def wait(seen: Callable[[], bool], what: str) -> None:
    """Return when the broker's own view has the change that its controller took; raises ProvisioningFailed."""
    deadline = time.monotonic() + SEEN_WITHIN_S
    while not seen():
        if time.monotonic() > deadline:
            raise ProvisioningFailed(f"the broker took {what} but does not show them after {SEEN_WITHIN_S:.0f} s")
        _PAUSE.wait(_POLL_S)


def refuse(reasons: Mapping[str, str]) -> None:
    """Raise ProvisioningFailed with every reason, by the thing refused; nothing when there is none."""
    if reasons:
        raise ProvisioningFailed("; ".join(f"{name}: {reason}" for name, reason in sorted(reasons.items())))
