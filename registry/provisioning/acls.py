"""ACLs as Kafka has them, those that we would never give among them. Pure."""

from dataclasses import dataclass

from registry.provisioning.rights import Pattern, Right

EVERY_HOST, ALLOW, USER = "*", "ALLOW", "User:"


@dataclass(frozen=True, slots=True, order=True)
class Acl:
    """One ACL. The words are Kafka's own."""

    principal: str  # "User:opd-disdukcapil"
    permission: str
    operation: str
    resource: str
    pattern: str
    name: str
    host: str = EVERY_HOST

    @classmethod
    def of(cls, right: Right) -> "Acl":
        """What a right of ours is at Kafka."""
        return cls(f"{USER}{right.principal}", ALLOW, right.operation, right.resource, right.pattern, right.name)

    @property
    def user(self) -> str:
        """The name without its kind."""
        return self.principal.removeprefix(USER)

    def __str__(self) -> str:
        """As plans name it, and as `--destroy` is told it."""
        name = self.name + ("*" if self.pattern == Pattern.PREFIXED else "")
        host = "" if self.host == EVERY_HOST else f"@{self.host}"
        permission = "" if self.permission == ALLOW else f"{self.permission}:"
        return f"{self.user}{host}:{permission}{self.operation}:{self.resource}:{name}"
