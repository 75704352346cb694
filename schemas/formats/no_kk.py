"""Number of a family card: 6 digits region, ddmmyy of issue (never +40), 4 serial. Only the form is checked."""

from schemas.formats.digits import drop_separators
from schemas.formats.format import Format

FORMAT = Format(
    name="no-kk", label="Nomor KK", expected="16 digit", pattern="[1-9][0-9]{15}", normalise=drop_separators
)
