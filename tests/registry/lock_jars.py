"""Write the tests' lists of jars anew: `python -m tests.registry.lock_jars`. For who raises a version below."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jgo

from cli.stack import jars
from cli.stack.lock_jars import KAFKA, locked_line

FOLDER = Path(__file__).parent / "java"
# list → its roots, and the artifacts that the worker itself brings: two of one class would not know each other
CONNECT = (
    ("io.apicurio:apicurio-registry-utils-converter:2.6.13.Final", f"org.apache.kafka:connect-file:{KAFKA}"),
    {
        "kafka-clients",
        "connect-api",
        "connect-json",
        "slf4j-api",
        "zstd-jni",
        "lz4-java",
        "snappy-java",
        "jakarta.ws.rs-api",
    },
)
AVRO = (("org.apache.avro:avro:1.12.1", "org.mozilla:rhino:1.7.15.1"), set[str]())
HEADER = "# {name}: coordinates, SHA-256, bytes. Written by `python -m tests.registry.lock_jars`.\n"


def main() -> None:
    for name, (roots, left_out) in {"connect": CONNECT, "avro": AVRO}.items():
        found = [
            each
            for root in roots  # each alone: resolved together, one's managed versions would win over another's
            for each in jgo.resolve(root)
            if each.packaging == "jar" and each.artifactId not in left_out
        ]
        with ThreadPoolExecutor(jars.PARALLEL) as pool:
            lines = sorted(set(pool.map(locked_line, found)))
        (FOLDER / f"{name}.jars.lock").write_text(HEADER.format(name=name) + "\n".join(lines) + "\n", encoding="utf-8")
        sys.stderr.write(f"{name}: {len(lines)} jars\n")


if __name__ == "__main__":
    main()
