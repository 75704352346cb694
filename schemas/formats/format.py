"""What a field format is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from schemas.contract import Kind
from schemas.texts import refused_character

if TYPE_CHECKING:
    import polars as pl

# Longer texts are refused as they are. Unicode normalisation takes quadratic time on a run of combining marks.
_MAX_NORMALISED: Final = 1_000  # characters


@dataclass(frozen=True, slots=True)
class Check:
    """A test of a value that already has the format's form.

    A check that refuses has a twin over a column, which says the same of every value with the form, or says false
    where this one says true: then the row goes one by one. False or null is a refusal.
    """

    code: str  # "nik.tanggal"; a field may lower it to a warning (`warnOnly`)
    passes: Callable[[Any], bool]
    expected: str  # Indonesian: what the value should be
    remedy: str | None = None  # Indonesian: advice where the general one is not enough
    column: "Callable[[pl.Expr], pl.Expr] | None" = None  # the twin


@dataclass(frozen=True, slots=True)
class Format:
    """A field format (`format` in a contract).

    `pattern` matches exactly the normalised spellings, whole, with [0-9] for digits and without look-around, so
    that Python, Rust (pydantic, polars) and PostgreSQL read it alike. A value that matches is its own normal form.
    Formats of numbers have no pattern.
    """

    name: str
    label: str  # how people call it: "NIK"
    expected: str  # Indonesian: "16 digit"
    pattern: str | None
    normalise: Callable[[str], str] = str
    checks: tuple[Check, ...] = ()
    warnings: tuple[Check, ...] = ()  # told and counted, stop nothing
    kind: Kind = Kind.STRING
    # Edition of a classification, as the field `<field>_edisi` names it → its code list. A value that is in no branch
    # of the list is told, and so is an edition outside its days.
    editions: Mapping[str, str] = field(default_factory=dict)

    @property
    def form_code(self) -> str:
        """The code of a value without the form."""
        return f"{self.name}.bentuk"

    def normal_form(self, text: str) -> str:
        """The text in its normal form; as it is, if it is too long or has a character that no text may hold."""
        if len(text) > _MAX_NORMALISED or refused_character(text) is not None:
            return text
        return self.normalise(text)
