"""An object in a process of its own, whose methods are asked for over a pipe and done one after the other."""

import gc
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

# The child has what we have imported, and no thread of ours runs yet when it is made.
CONTEXT = get_context("fork")
LOOK_EVERY_S = 0.5


class Ended(Exception):
    """The process ended before it answered."""


class Apart:
    """`make` makes the object, in the child. Ends with us, however we end."""

    def __init__(self, make: Callable[[], object]) -> None:
        self.pipe, theirs = CONTEXT.Pipe()
        self.process = CONTEXT.Process(target=_serve, args=(make, theirs, os.getpid()), daemon=True)
        self.process.start()
        theirs.close()

    def ask(self, method: str, *arguments: object) -> None:
        """Begin a method; what it returns or raises comes with `answer`."""
        self.pipe.send((method, arguments))

    def has_answered(self) -> bool:
        """Whether `answer` would return at once."""
        return self.pipe.poll()

    def answer(self) -> Any:
        """Wait for the oldest method that was asked for. Raises what it raised, or Ended."""
        try:
            returned, value = self.pipe.recv()
        except EOFError as error:
            raise Ended(f"process {self.process.pid} has ended") from error
        if not returned:
            raise value
        return value

    def close(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _serve(make: Callable[[], object], pipe: Connection, parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C reaches us too; it is our parent's to say what follows
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    gc.disable()  # it would walk a hundred thousand planned events again and again
    made = make()
    while True:
        method, arguments = pipe.recv()
        try:
            answer = True, getattr(made, method)(*arguments)
        except Exception as error:  # noqa: BLE001  raised again where the answer is waited for
            answer = False, _portable(error)
        pipe.send(answer)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_S)
    os._exit(1)


def _portable(error: Exception) -> Exception:
    """The error itself, if it survives the pipe."""
    try:
        return error if type(pickle.loads(pickle.dumps(error))) is type(error) else RuntimeError(str(error))  # noqa: S301  our own bytes
    except Exception:  # noqa: BLE001  any constructor may object
        return RuntimeError(str(error))
