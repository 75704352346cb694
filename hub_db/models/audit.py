"""The tables of the schema `audit`."""
