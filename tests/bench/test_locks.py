"""What the others are made of is locked: versions, hashes, no address."""

import re

from cli.stack import jars, peers

PIN = re.compile(r"^[a-z0-9._\[\]-]+==\S+", re.MULTILINE)


def test_every_package_of_the_others_is_pinned_with_hashes_and_without_an_address() -> None:
    text = peers.PACKAGES.read_text(encoding="utf-8")
    blocks = [block for block in re.split(r"\n(?=[a-z0-9])", text) if PIN.match(block)]

    assert len(blocks) > 20
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert re.findall(r"https?://|--(?:extra-)?index-url|--find-links|file:", text) == []


def test_the_jars_of_the_others_are_locked_and_bring_nothing_that_the_worker_has() -> None:
    worker = {jar.artifact for jar in jars.locked()}
    found = jars.locked(peers.JARS)

    assert {"debezium-connector-jdbc", "apicurio-registry-utils-converter"} <= {jar.artifact for jar in found}
    assert all(re.fullmatch(r"[0-9a-f]{64}", jar.sha256) for jar in found)
    assert {jar.artifact for jar in found} & {"kafka-clients", "connect-api", "slf4j-api", "jackson-databind"} == set()
    assert {"kafka-clients", "connect-api"} <= worker
