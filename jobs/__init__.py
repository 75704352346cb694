"""Everything long or scheduled, on one queue in PostgreSQL, and the notifier."""

__all__: list[str] = []
