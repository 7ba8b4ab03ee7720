"""`demo`: the main job from end to end on practice hosts, as commands that anybody could have typed."""

from pathlib import Path
from typing import Annotated

import typer

from msp_ops.cli.talk import Yes, confirm, say


def demo(
    into: Annotated[Path, typer.Option(help="The folder for the demo's workspace and summaries.")] = Path(
        "msp-ops-demo"
    ),
    keep: Annotated[bool, typer.Option("--keep", help="Leave the practice hosts running.")] = False,
    yes: Yes = False,
) -> None:
    """Watch msp-ops look after the real machines of two sample clients (as root; about three minutes).

    Example: msp-ops demo --yes
    """
    from msp_ops.cli.demo_story import Story
    from msp_ops.lab.lab import Lab, default_folder

    lab = Lab.at(default_folder(), say=lambda line: say(f"lab: {line}", "dim"))
    if not lab.is_up():
        for line in lab.plan():
            say(line)
        confirm("Go ahead?", yes=yes)
    Story(lab, into.resolve()).tell(keep=keep)
