"""Errors of the local stack.

StackError          one clear line for a person; the command ends with exit code 1
└── StackUnreachable  nothing answers where something should; exit code 3
"""


class StackError(Exception):
    """What happened, about what, and what to do: one line in Indonesian."""


class StackUnreachable(StackError):
    """Nothing answers where something should."""
