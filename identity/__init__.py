"""People, OPDs, roles and permissions, sessions, service tokens, grants, masking, audit."""

__all__: list[str] = []
