"""Programs that run in the environment of the others (`bench/peers.lock`) and import nothing of ours."""
