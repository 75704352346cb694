"""Facts about cases that rooms report in their own transactions: kinds and what they tell, in one place.

`hub_db.facts.report` sends one; the procedure makes evidence of it, and of a document that lives a *gangguan*
(docs/reference/sop-topics.md). A fact carries counts and names of documents and systems, never a value.
"""

from dataclasses import dataclass
from datetime import datetime

from hub_db.facts import Fact, Json


@dataclass(frozen=True, slots=True)
class Conformance:
    """A run of the test kit from an OPD's own machine, under its own principal."""

    document: str  # "disdik.gtk"
    run: str  # its identity: the same run reported twice is one fact
    system: str  # of the OPD: "disdik.dapodik"
    checks: int
    failed: int

    def fact(self, *, source: str, occurred_at: datetime) -> Fact:
        """`conformance.passed` if every check passed, else `conformance.failed`. Raises ValueError for counts that
        cannot be: a run without a check shows nothing."""
        if not 0 <= self.failed <= self.checks or not self.checks:
            raise ValueError(f"{self.failed} of {self.checks} checks failed")
        kind = "conformance.failed" if self.failed else "conformance.passed"
        told: dict[str, Json] = {"run": self.run, "system": self.system, "checks": self.checks, "failed": self.failed}
        return Fact(
            kind,
            self.document,
            told,
            source=source,
            occurred_at=occurred_at,
            ce_id=f"{kind}:{self.document}:{self.run}",
        )


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A document's rows here against its source: how many there are, and how many of them are not the same."""

    document: str
    run: str
    there: int  # rows at the source
    here: int
    different: int  # keys on one side only, or with other content

    def fact(self, *, source: str, occurred_at: datetime) -> Fact:
        """`reconciliation.matched` if nothing differs, else `reconciliation.differed`. Raises ValueError for counts
        that cannot be."""
        if min(self.there, self.here, self.different) < 0 or abs(self.there - self.here) > self.different:
            raise ValueError(f"{self.there} rows there, {self.here} here, {self.different} of them different")
        kind = "reconciliation.differed" if self.different else "reconciliation.matched"
        told: dict[str, Json] = {"run": self.run, "there": self.there, "here": self.here, "different": self.different}
        return Fact(
            kind,
            self.document,
            told,
            source=source,
            occurred_at=occurred_at,
            ce_id=f"{kind}:{self.document}:{self.run}",
        )
