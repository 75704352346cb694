"""The procedure of the twelve stages: a pure state machine over events, its clock, and where both are kept."""

__all__: list[str] = []
