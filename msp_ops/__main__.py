"""Where the program begins: `msp-ops`, and `python -m msp_ops`."""

import gc


def start() -> None:
    """What is imported now stays for good: Python's collector need not look at it while it is loaded (50 ms)."""
    gc.disable()
    from msp_ops.cli.main import main  # noqa: PLC0415  # it loads nearly everything

    main()


if __name__ == "__main__":
    start()
