"""What a schema's contract may not bring even as far as a draft: a rule or a pattern that nobody should ever run."""

from typing import Any

from registry.errors import InvalidSchema
from schemas import patterns
from schemas.errors import ContractError
from schemas.loader import read


def check(schema: dict[str, Any]) -> None:
    """Raises InvalidSchema for a pattern that may run for ever, and for a rule that says more than rules may.

    Whatever else is wrong with a contract is told to its author on the draft.
    """
    fields = schema.get("fields")
    for field in fields if isinstance(fields, list) else ():
        pattern = field.get("pattern") if isinstance(field, dict) else None
        if isinstance(pattern, str):
            try:
                patterns.check(pattern)
            except ValueError as error:
                raise InvalidSchema(f"The pattern of the field {field.get('name')}: {error}") from None
    try:
        read(schema, file="contract")
    except ContractError as error:
        if error.path.startswith(("contract.rules", "contract.checks")):
            raise InvalidSchema(f"The contract's rule {error.path}: {error.reason}") from None
