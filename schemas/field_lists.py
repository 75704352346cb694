"""Which code lists tell what the values of a field mean."""

from schemas import code_lists
from schemas.code_lists import CodeList
from schemas.contract import Field
from schemas.formats import FORMATS


def lists_of(field: Field) -> tuple[CodeList, ...]:
    """The list that the field names (`codes`), the one with exactly its closed words (`enum`), or the editions of its
    format's classification."""
    if field.codes is not None:
        return (code_lists.load(field.codes),)
    if field.enum is not None:
        found = code_lists.of_words(field.enum)
        return (found,) if found is not None else ()
    editions = FORMATS[field.format].editions if field.format is not None else {}
    return tuple(code_lists.load(name) for name in editions.values())
