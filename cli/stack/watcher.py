"""Starts again what died: a thread that looks at the children of a stack."""

import time
from collections.abc import Callable
from threading import Event, Thread

from base.pauses import pause_s
from cli.stack.errors import StackError
from cli.stack.processes import Child

LOOK_EVERY_S = 0.2
FIRST_PAUSE_S, LAST_PAUSE_S = 0.5, 30.0
SETTLED_AFTER_S = 60.0  # alive for so long: its next death is a first one again


class Watcher(Thread):
    """Ends with the stack's `stopping`. `add` puts a new child in the place of the dead one of the same name."""

    def __init__(
        self,
        children: Callable[[], list[Child]],
        add: Callable[[Child], None],
        stopping: Event,
        tell: Callable[[str], None],
    ) -> None:
        super().__init__(name="watcher", daemon=True)
        self.children, self.add, self.stopping, self.tell = children, add, stopping, tell
        self.deaths: dict[str, int] = {}
        self.not_before: dict[str, float] = {}

    def run(self) -> None:
        while not self.stopping.wait(LOOK_EVERY_S):
            for child in self.children():
                if not child.is_running():
                    self.revive(child)

    def revive(self, child: Child) -> None:
        """Start it again when its pause is over. What its group left behind goes first: one of a kind."""
        name, now = child.program.name, time.monotonic()
        if name not in self.not_before:
            if now - child.began > SETTLED_AFTER_S:
                self.deaths.pop(name, None)
            self.deaths[name] = self.deaths.get(name, 0) + 1
            pause = pause_s(self.deaths[name], first_s=FIRST_PAUSE_S, longest_s=LAST_PAUSE_S)
            self.not_before[name] = now + pause
            self.tell(f"Proses {name} berhenti ({how(child)}); dinyalakan lagi dalam {pause:g} detik")
        if now < self.not_before[name]:
            return
        del self.not_before[name]
        child.kill()
        try:
            self.add(Child(child.program))
        except StackError:  # the stack is being stopped
            return


def how(child: Child) -> str:
    code = child.popen.returncode
    return f"sinyal {-code}" if code is not None and code < 0 else f"kode {code}"
