"""References to secrets become values at the last moment; what comes back is redacted."""
