"""Practice hosts: real throw-away Debian machines to demonstrate, rehearse and test on."""
