"""First drafts of contracts: from answers, and from data, whose guesses are marked and whose values are not copied."""

from registry.drafting.answers import Answers, FieldAnswer, schema_of, written
from registry.drafting.guesses import Column, guess
from registry.drafting.samples import SampleRefused, of_csv, of_table

__all__ = [
    "Answers",
    "Column",
    "FieldAnswer",
    "SampleRefused",
    "guess",
    "of_csv",
    "of_table",
    "schema_of",
    "written",
]
