"""What the words mean. Pure: the standard library only, and nothing is read or written."""
