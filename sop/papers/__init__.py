"""Papers of a case out of what the system knows: PDF/A, and files that a person can go on writing in."""

from sop.papers.kinds import KINDS, Kind
from sop.papers.rendering import Form, Rendered, UnknownPaper, render

__all__ = ["KINDS", "Form", "Kind", "Rendered", "UnknownPaper", "render"]
