"""What 200 sign-ins at once cost in memory: a hash needs 19 MiB, so 200 of them would need 4 GB."""

import subprocess
import sys

from cli.settings import ROOT

MEASURE = """
import resource
import threading
from identity import passwords

stored = passwords.hashed("Tujuh-Belas-Kelapa-8")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
right = []
verify = lambda: right.append(passwords.matches("Tujuh-Belas-Kelapa-8", stored))
threads = [threading.Thread(target=verify) for _ in range(200)]
for thread in threads: thread.start()
for thread in threads: thread.join()
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(sum(right), (after - before) // 1024)
"""


def test_200_verifications_at_once_take_less_than_150_mb() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", MEASURE], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )

    right, grown_mb = map(int, answer.stdout.split())
    assert right == 200
    assert grown_mb < 150
