"""The wires to the hosts; one shape for all: deliver, commit, follow, collect, forget."""
