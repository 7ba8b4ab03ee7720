"""SSH by paramiko, as a client only."""
