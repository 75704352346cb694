"""Probable duplicates among residents: names spelled one way, blocks, and points with their reasons."""
