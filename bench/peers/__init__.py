"""The hub's intake beside others that do part of its work: the same topic, the same PostgreSQL, in one run."""
