"""The contract of a document as the registry has it: an OPD's machine holds no contract files."""

from producers.errors import DocumentUnknown
from schemas.contract import Contract
from schemas.errors import ContractError
from schemas.loader import read
from schemas.names import SubjectName
from schemas.wire.registry_client import RegistryClient


def contract_of(name: str, registry: RegistryClient) -> Contract:
    """The newest contract of `<opd>.<document>`. Raises DocumentUnknown, and what the registry's client raises."""
    opd, dot, document = name.partition(".")
    if not (opd and dot and document):
        raise DocumentUnknown(f"Nama dokumen {name!r} bukan <opd>.<dokumen>, misalnya disdukcapil.penduduk.")
    found = registry.latest(SubjectName(f"opd.{name}-value"))
    if found is None:
        raise DocumentUnknown(f"Dokumen {name} tidak terdaftar di registri. Mohon periksa namanya.")
    try:
        contract = read(found.schema, file=f"registry:{found.subject}/{found.version}")
    except ContractError as error:
        raise DocumentUnknown(
            f"Kontrak {name} dari registri tidak dapat dipakai ({error}). Mohon perbarui adaptor ini."
        ) from error
    if contract.name != name:
        raise DocumentUnknown(f"Registri memberi kontrak {contract.name} untuk {name}. Mohon hubungi Tim Teknis.")
    return contract
