"""The tables of the schema `identity`."""
