"""The tables of the schema `notice`."""
