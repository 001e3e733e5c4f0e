"""What the steps of a run on several machines hand to each other: plans and reports, which go through the lake."""

from __future__ import annotations

import pickle
from typing import Any

import dagster as dg

from dataelec_assets.errors import LakeError
from dataelec_assets.lake.handover import hand_over, handed_over
from dataelec_assets.lake.paths import LakePaths


class HandOver(dg.IOManager):
    """Keeps outputs of steps in the lake, by run; the next run removes them at its end.

    They are some kilobytes each: data sets themselves go through the lake.

    Args:
        paths: folders of the lake.
    """

    def __init__(self, paths: LakePaths) -> None:
        self._paths = paths

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Write an output.

        Raises:
            LakeError: it cannot be written.
        """
        hand_over(self._paths, *_name(context), pickle.dumps(obj))

    def load_input(self, context: dg.InputContext) -> Any:
        """Return what an earlier step has handed over.

        Raises:
            LakeError: it is not there: another run has begun since.
        """
        if context.upstream_output is None:
            raise LakeError("A step has no output to read.", advice="Report it, with the log of the run.")
        content = handed_over(self._paths, *_name(context.upstream_output))
        return pickle.loads(content)  # noqa: S301 - whoever can write to the lake is one of us


def _name(context: dg.OutputContext) -> tuple[str, str]:
    run, *names = context.get_identifier()
    return run, "/".join(names)
