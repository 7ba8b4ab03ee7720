"""Measured time and a contract become a charge: pure, exact, and every amount says its rule and its reason."""
