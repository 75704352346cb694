"""Write `kafka.jars.lock` anew: `python -m cli.stack.lock_jars`. Half a minute; for who raises Kafka's version.

Starting reads only the lock. Raise KAFKA here, run this, run the tests, commit both.
"""

import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jgo

from cli.stack import jars

KAFKA = "4.3.1"
LOG4J = "2.25.4"  # what Kafka 4.3.1's own POMs name
# Kafka's POMs are resolved alone: together with log4j's, the versions that log4j's parent manages
# (an old kafka-clients among them) would win over Kafka's own.
ROOTS = (f"org.apache.kafka:kafka_2.13:{KAFKA}", f"org.apache.kafka:kafka-tools:{KAFKA}")
LOGGING = f"org.apache.logging.log4j:log4j-slf4j-impl:{LOG4J}"
HEADER = "# Jars of Apache Kafka {kafka}: coordinates, SHA-256, bytes. Written by `python -m cli.stack.lock_jars`.\n"


def locked_line(artifact: Any) -> str:
    """`group:artifact:version sha256 bytes` of one artifact, fetched through jgo's cache.

    `Any`: jgo ships no type of it that mypy could read at this place.
    """
    content = Path(artifact.resolve()).read_bytes()
    coordinates = f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}"
    if artifact.classifier:
        coordinates += f":{artifact.classifier}"
    return f"{coordinates} {hashlib.sha256(content).hexdigest()} {len(content)}"


def main() -> None:
    artifacts = [found for found in jgo.resolve("+".join(ROOTS)) if found.packaging == "jar"]
    artifacts.append(jgo.resolve(LOGGING)[0])  # its dependencies are among Kafka's own
    with ThreadPoolExecutor(jars.PARALLEL) as pool:
        lines = sorted(set(pool.map(locked_line, artifacts)))
    jars.LOCK.write_text(HEADER.format(kafka=KAFKA) + "\n".join(lines) + "\n", encoding="utf-8")
    sys.stderr.write(f"{jars.LOCK.name}: {len(lines)} jars\n")


if __name__ == "__main__":
    main()
