"""What may be added to a file: until its first signature, and after each one. As pyHanko's rules about two revisions.

A signature may certify the file (ISO 32000-2, 12.8.2.2): it says itself what may still be added, and the catalogue
names it by `/Perms`. Applications of officers sign so; it changes nothing of what the paper says. What such a signature
forbids is looked after where signatures are judged.
"""

from collections.abc import Iterable
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    CatalogModificationRule,
    FormUpdatingRule,
    GenericFieldModificationRule,
    ModificationLevel,
    ReferenceUpdate,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
)
from pyhanko.sign.diff_analysis.constants import ROOT_EXEMPT_STRICT_COMPARISON

_PERMISSIONS: Final = "/Perms"
_CERTIFYING: Final = "/DocMDP"


class _CertifiedCatalogue(CatalogModificationRule):
    """The catalogue may come to name a signature that certifies the file, and nothing else by `/Perms`."""

    def __init__(self) -> None:
        super().__init__(ROOT_EXEMPT_STRICT_COMPARISON | {_PERMISSIONS})  # type: ignore[no-untyped-call]

    def apply_qualified(
        self, old: HistoricalResolver, new: HistoricalResolver
    ) -> Iterable[tuple[ModificationLevel, ReferenceUpdate]]:
        yield from super().apply_qualified(old, new)
        if _PERMISSIONS not in new.root:
            return
        told = new.root[_PERMISSIONS]
        if _PERMISSIONS in old.root or set(told) != {_CERTIFYING} or "/ByteRange" not in told[_CERTIFYING]:
            raise SuspiciousModification("The catalogue has permissions that no signature brings.")
        place = new.root.raw_get(_PERMISSIONS)
        if isinstance(place, generic.IndirectObject):
            if not old.is_ref_unassignable(place.reference):
                raise SuspiciousModification("The permissions stand in the place of something else.")
            yield ModificationLevel.LTA_UPDATES, ReferenceUpdate(place.reference)


# Until the first signature: fields of signatures may come, and what an application writes beside them into the form.
BEFORE: Final = StandardDiffPolicy(
    [
        _CertifiedCatalogue(),
        *(each for each in DEFAULT_DIFF_POLICY.global_rules if not isinstance(each, CatalogModificationRule)),
    ],
    FormUpdatingRule(
        [SigFieldCreationRule(), SigFieldModificationRule()], {"/Fields", "/SigFlags", "/DA", "/DR", "/NeedAppearances"}
    ),
)
# After one: the next signatures, shown or not, also where the first has certified the file, and what is needed to judge
# them later.
AFTER: Final = StandardDiffPolicy(
    DEFAULT_DIFF_POLICY.global_rules,
    FormUpdatingRule(
        [
            SigFieldCreationRule(allow_new_visible_after_certify=True),
            SigFieldModificationRule(),
            GenericFieldModificationRule(),
        ]
    ),
)
