"""What an actor sets out to do: run a runbook, look at a fleet, sync schedules, summarise."""
