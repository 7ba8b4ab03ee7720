"""Plan, permit, one host from deliver to forget, fan out."""
