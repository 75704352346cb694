"""Properties have no deadline: nothing here asserts elapsed time, and the machine is shared."""

from hypothesis import settings

settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")
