"""WinRM by pywinrm, as a client only. Nothing here was run against a real Windows yet: docs/windows.md."""
