"""How people type long numbers, and how they become digits only."""

_DROPPED = str.maketrans("", "", " .\u00a0")


def drop_separators(text: str) -> str:
    """Without spaces, dots and the apostrophe that a spreadsheet puts before a number kept as text."""
    return text.strip().removeprefix("'").translate(_DROPPED)


def drop_spaces(text: str) -> str:
    """Without any space."""
    return "".join(text.split())
