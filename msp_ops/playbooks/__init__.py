"""A playbook as one step, for exactly given hosts: Ansible's own program, driven by ansible-runner beside us.

Nothing of `ansible.*` is imported (its licence is the GPL), and ansible-runner only by `keeper`.
"""
