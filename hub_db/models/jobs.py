"""The tables of the schema `jobs` that are ours (the queue's own come from its library)."""
