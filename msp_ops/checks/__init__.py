"""What is looked at: a command for the host and a pure reader of its answer; one module a check."""
