"""Prefect runs the schedule: deployments, scheduled runs and the embedded service, over its REST API.

`prefect` itself is imported by the files in `flows/` alone; a process that only plans or looks never pays for it.
"""
