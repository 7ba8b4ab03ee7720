"""What people wrote on disk, read strictly into the domain; every mistake is shown with its line and a caret."""
