"""Which release of Simpul this is (a test holds it against the package's own metadata)."""

from typing import Final

RELEASE: Final = "0.1.0"
