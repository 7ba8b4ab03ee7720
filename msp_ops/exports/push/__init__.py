"""Time entries sent to a PSA's own API, one at a time: never a second one for a lost answer."""
