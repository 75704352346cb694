"""The ways out of the hub: mail and webhooks. Each takes a letter and says what became of it."""
