"""The reason that a person gives for a decision about data."""

from typing import Final

from hub_db.errors import NoSuchMove

SHORTEST_REASON: Final = 10  # letters
LONGEST_REASON: Final = 500


def reason_given(text: str) -> str:
    """The reason without blanks around it. Raises NoSuchMove for one that says too little or too much."""
    reason = text.strip()
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise NoSuchMove(f"Mohon tulis alasan {SHORTEST_REASON} sampai {LONGEST_REASON} huruf.")
    return reason
