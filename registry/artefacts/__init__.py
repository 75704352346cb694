"""What is made from a contract for others: texts, tables and files. Pure: the same contract gives the same bytes."""

from registry.artefacts.edition import Edition, Hub
from registry.artefacts.exports import CATALOGUE_EXPORTS, EXPORTS, CatalogueExport, Export

__all__ = ["CATALOGUE_EXPORTS", "EXPORTS", "CatalogueExport", "Edition", "Export", "Hub"]
