"""Write `bench/jars.lock` anew: `python -m cli.stack.lock_peer_jars`. For who raises a version below."""

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jgo

from cli.stack import jars
from cli.stack.lock_jars import locked_line
from cli.stack.peers import JARS

# Each is resolved alone: together, the versions that one's parent manages would win over the other's own. Of what two
# of them bring, the higher version stays.
ROOTS = (
    "io.debezium:debezium-connector-jdbc:3.2.0.Final",
    "io.apicurio:apicurio-registry-utils-converter:2.6.13.Final",
)
# Classes that the worker brings itself: two of one name would not know each other.
WORKERS = {"kafka-clients", "connect-api", "connect-json", "connect-runtime", "slf4j-api", "zstd-jni", "lz4-java"}
WORKERS |= {"snappy-java", "jakarta.ws.rs-api"}
# Databases that are not measured.
DATABASES = {"mysql-connector-j", "ojdbc11", "jcc", "mssql-jdbc", "orai18n", "mariadb-java-client", "ifx-jdbc"}
JACKSON = "com.fasterxml.jackson"
HEADER = "# For `bench --peers`: coordinates, SHA-256, bytes. Written by `python -m cli.stack.lock_peer_jars`.\n"


def main() -> None:
    worker = {jar.artifact: jar.version for jar in jars.locked()}
    chosen: dict[str, Any] = {}
    for root in ROOTS:
        for found in jgo.resolve(root):
            if found.packaging != "jar" or found.artifactId in WORKERS | DATABASES:
                continue
            if found.groupId.startswith(JACKSON) and found.artifactId in worker:
                continue  # the worker's own; Debezium's older ones are no subtypes of its interfaces
            known = chosen.get(found.artifactId)
            if known is None or numbers(known.version) < numbers(found.version):
                chosen[found.artifactId] = found
    with ThreadPoolExecutor(jars.PARALLEL) as pool:
        lines = sorted(set(pool.map(locked_line, chosen.values())))
    JARS.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    sys.stderr.write(f"{JARS.name}: {len(lines)} jars\n")


def numbers(version: str) -> list[int]:
    """A version as numbers that can be compared."""
    return [int(part) for part in version.replace("-", ".").split(".") if part.isdigit()]


if __name__ == "__main__":
    main()
