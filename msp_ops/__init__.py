"""msp-ops: runbooks for managed service providers."""
