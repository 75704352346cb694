"""What is made from a contract for others: texts, tables and files. Pure: the same contract gives the same bytes."""

from registry.artefacts.edition import Edition, Hub
from registry.artefacts.exports import EXPORTS, Export

__all__ = ["EXPORTS", "Edition", "Export", "Hub"]
