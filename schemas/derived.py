"""Documents of one instance alone (`[[dokumen.turunan]]`): another document's contract under an owner of their own.

Fields, rules, checks, entity and key are the other document's; who owns it, whose topic it is and who wins are not.
"""

from collections.abc import Mapping
from typing import Any

from base.instance_tables import Derived


def derived(schema: Mapping[str, Any], told: Derived) -> dict[str, Any]:
    """The contract's JSON out of that of the document it is taken from."""
    opd, _, document = told.nama.partition(".")
    namespace = str(schema["namespace"]).rpartition(".")[0]
    own = {"opd": opd, "document": document, "priority": told.prioritas, "owner": told.pemilik, "contact": told.kontak}
    if told.wakil is not None:
        own["deputy"] = told.wakil
    kept = {word: value for word, value in schema["contract"].items() if word != "deputy"}
    return {
        **schema,
        "name": document.replace("-", "_"),
        "namespace": f"{namespace}.{opd}",
        "contract": kept | own,
    }
