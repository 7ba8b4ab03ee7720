"""`python -m msp_ops` is `msp-ops`."""

from msp_ops.cli.main import main

main()
