"""The outbox of facts (`hub.fact`)."""
