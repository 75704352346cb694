"""The procedure of 12 stages."""

__all__: list[str] = []
