"""What the adapter's tests share: a registry with the contract, a topic of one's own, and what stands in it."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from base import instance
from cli.stack.local import Stack
from schemas.contract import Contract
from schemas.loader import load_all
from schemas.names import DocumentName, OpdCode
from schemas.wire.kafka import KafkaSettings
from schemas.wire.registry_client import RegistryClient
from tests.conftest import Database
from tests.registry.server import serving

ROOT = Path(__file__).resolve().parents[2]
INSTANCE = instance.load(ROOT / "instansi.toml")
CONTRACTS = {contract.name: contract for contract in load_all(ROOT / "schemas" / "avro", INSTANCE)}
