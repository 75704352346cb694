"""How a field is answered by the reference API, for OpenAPI 3.1."""

from typing import Any

from identity.masking import mask_of
from registry.artefacts.edition import is_masked
from registry.artefacts.row_schema import field_schema
from schemas.contract import Contract, Field, Sensitivity


def covered(contract: Contract, field: Field) -> dict[str, Any]:
    """A field as it is answered: as it is, or covered."""
    plain = field_schema(contract, field)
    if not is_masked(field):
        if field.sensitivity is Sensitivity.TERBATAS:
            plain["description"] += ". Terbatas: hanya dengan Hak Akses."
        return plain
    found = mask_of(field)
    if found is None:
        plain["description"] += ". Pribadi: tidak disertakan tanpa Hak Akses dan pandangan tercatat."
        return plain | {"x-simpul-masked": "hidden"}
    covered = {"type": "string", "description": f"Tersamar ({found.name})."}
    note = ". Pribadi: tersamar tanpa Hak Akses dan pandangan tercatat."
    return {"description": field.doc + note, "anyOf": [plain, covered], "x-simpul-masked": found.name}
