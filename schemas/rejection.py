"""Why an event, or one field of it, was refused."""

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """The class of a refusal: which part of the event is at fault."""

    WIRE = "wire"  # the bytes: framing, truncation, trailing bytes
    SCHEMA = "schema"  # the schema id: unknown, or of another subject
    KEY = "key"  # the Kafka key
    HEADER = "header"  # the CloudEvents headers
    FIELD = "field"  # one field against its contract
    RULE = "rule"  # a rule over several fields
    SIZE = "size"  # larger than the hub takes
    DATABASE = "database"  # a constraint the validators do not know


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why one event was refused. Carries no field value: it ends in logs and in dead-letter pages.

    The texts are Indonesian, polite and plain: they are read by the OPD.
    """

    fault: Fault
    code: str  # stable, for programs: "trailing-bytes", "nik.bentuk", "enum"
    field: str | None  # the field's name; for rules the rule's name; None where no field is meant
    found: str  # the shape of what came: "15 digit"
    expected: str  # what the contract asks for: "16 digit"
    remedy: str  # what the OPD can do: "Mohon perbaiki NIK di sistem asal, lalu kirim lagi."

    def sentence(self) -> str:
        """One line: where, what came, what was expected, what to do."""
        where = f"{self.field}: " if self.field else ""
        return f"{where}{self.found}; seharusnya {self.expected}. {self.remedy}"
