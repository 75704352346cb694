"""A worker holds what it uses, not what it once used."""

import subprocess
import sys

# Batches of blocks of a few MiB, in three threads, something small left behind each; then what is resident, in MiB.
PROGRAM = """
import sys, threading, psutil
from base import heap
told = heap.give_back() if sys.argv[1] == "give-back" else None
kept = []
def batch():
    for _ in range(6):
        blocks = [bytearray(3 * 1024 * 1024) for _ in range(12)]
        kept.append(bytearray(64 * 1024))
        del blocks
before = psutil.Process().memory_info().rss
threads = [threading.Thread(target=batch) for _ in range(3)]
for each in threads: each.start()
for each in threads: each.join()
print(told, (psutil.Process().memory_info().rss - before) // (1024 * 1024))
"""


def held(way: str) -> tuple[str, int]:
    done = subprocess.run([sys.executable, "-c", PROGRAM, way], capture_output=True, text=True, check=True)
    told, mib = done.stdout.split()
    return told, int(mib)


def test_what_a_batch_took_is_given_back_to_the_system() -> None:
    told, mib = held("give-back")

    assert told == "True"
    assert mib <= 10


def test_by_itself_the_library_keeps_more() -> None:
    assert held("as-it-is")[1] > held("give-back")[1]
