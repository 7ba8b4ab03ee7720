"""Looks from this machine at what a host serves: no login, no credential, nothing but what anybody could ask."""
