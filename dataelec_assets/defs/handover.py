"""What the steps of a run on several machines hand to each other: small files in the lake, which all of them see."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any
from uuid import uuid4

import dagster as dg

from dataelec_assets.disk import writable
from dataelec_assets.errors import LakeError
from dataelec_assets.lake.atomic_files import move_into_place
from dataelec_assets.lake.paths import LakePaths


class HandOver(dg.IOManager):
    """Keeps outputs of steps below the lake, by run; the next run that begins removes them.

    They are plans and reports, some kilobytes each: data sets themselves go through the lake.

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
        target = self._file(context)
        draft = target.with_name(f".{uuid4().hex}")
        with writable(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(pickle.dumps(obj))
        move_into_place(draft, target)

    def load_input(self, context: dg.InputContext) -> Any:
        """Return what an earlier step has handed over.

        Raises:
            LakeError: it is not there: another run has begun since.
        """
        if context.upstream_output is None:
            raise LakeError("A step has no output to read.", advice="Report it, with the log of the run.")
        file = self._file(context.upstream_output)
        try:
            content = file.read_bytes()
        except FileNotFoundError as error:
            raise LakeError(
                f"{file} is not there.",
                advice="Another run has begun since, or this machine sees another folder: DATAELEC_LAKE must be the "
                "same lake on all of them.",
            ) from error
        return pickle.loads(content)  # noqa: S301 - whoever can write to the lake is one of us

    def _file(self, context: dg.OutputContext) -> Path:
        # Keys of mapped steps hold brackets, which every file system takes.
        run, *names = context.get_identifier()
        return self._paths.handover.joinpath(run, *names)
