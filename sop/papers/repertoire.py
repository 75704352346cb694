"""Characters that a paper can show. Any other is told by its number, so that nothing vanishes or turns around."""

import re
from typing import Final

# What the fonts of the PDF have in every style (tests/sop/test_papers_pdf.py shows it), without what has no width or
# turns the direction of writing: Latin, Greek, Cyrillic, punctuation, currency, arrows, mathematics, frames, ticks.
_RANGES: Final = (
    "\x20-\x7e\xa0-\xac\xae-\u02af\u0370-\u0377\u037a-\u037f\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u03ff\u0400-\u04ff"
    "\u1e00-\u1eff\u2010-\u2027\u2030-\u2040\u2070\u2071\u2074-\u208e\u20a0-\u20bf\u2190-\u21ff\u2200-\u22ff\u2500-\u25ff\u2610-\u2612"
)
_STRANGE: Final = re.compile(f"[^{_RANGES}]")
_BLANK: Final = re.compile(r"\s+")


def shown(text: str) -> str:
    """The text with [U+202E] in place of a character outside the repertoire; white space becomes one space."""
    return _STRANGE.sub(lambda match: f"[U+{ord(match[0]):04X}]", _BLANK.sub(" ", text))


def everything() -> str:
    """The whole repertoire, for a test."""
    return "".join(char for char in map(chr, range(0x20, 0x3000)) if not _STRANGE.match(char))
