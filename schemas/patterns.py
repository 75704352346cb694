"""Patterns that a contract may have: of a linear-time engine, and harmless in engines that go back and try again."""

import re
from typing import Annotated, Final

from pydantic import StringConstraints, TypeAdapter
from pydantic_core import SchemaError

_WITHOUT_END: Final = re.compile(r"[*+]|\{[0-9]+,\}")
_WITH_END: Final = re.compile(r"\?|\{[0-9]+(?:,[0-9]+)?\}")
_CLASS: Final = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)


def check(pattern: str) -> None:
    """Refuse what Rust's engine cannot match (look-around, back-references), and repetitions within one another.

    The latter take for ever in the engines of others, who read our JSON Schema: `(a+)+` on a long text of `a`.
    Raises ValueError with the reason.
    """
    if "\\d" in pattern or "\\w" in pattern:
        raise ValueError(r"pattern uses \d or \w, which also match other scripts: write [0-9], [A-Za-z0-9_]")
    if repeats_a_repetition(pattern):
        raise ValueError("pattern repeats a repetition without end, as (a+)+: many programs would never finish")
    try:
        TypeAdapter(Annotated[str, StringConstraints(pattern=f"^(?:{pattern})$")])
    except SchemaError as error:
        raise ValueError(f"pattern does not compile: {error}") from error


def repeats_a_repetition(pattern: str) -> bool:
    """Whether a part without an end to its length is repeated without an end."""
    open_groups = [False]  # whether what stands in each so far has no end
    place = 0
    while place < len(pattern):
        sign, endless = pattern[place], False
        in_class = _CLASS.match(pattern, place) if sign == "[" else None
        place = in_class.end() if in_class else place + (2 if sign == "\\" else 1)
        if sign == "(":
            open_groups.append(False)
            continue
        if sign == ")" and len(open_groups) > 1:
            endless = open_groups.pop()
        if again := _WITHOUT_END.match(pattern, place):
            if endless:
                return True
            endless = True
        else:
            again = _WITH_END.match(pattern, place)
        place = again.end() if again else place
        open_groups[-1] = open_groups[-1] or endless
    return False
