"""The reader on ONNX Runtime: what a shipped bundle runs on, without torch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import onnxruntime

from stance.readers.calibration import FloatArray
from stance.readers.features import IntArray
from stance.readers.neural import Judgement
from stance.settings import RuntimeSettings

ENCODER_FILE: Final = "encoder.onnx"
HEADS_FILE: Final = "heads.onnx"


class OnnxEngine:
    """Runs ``encoder.onnx`` and ``heads.onnx`` for ``NeuralReader``."""

    def __init__(self, folder: Path, runtime: RuntimeSettings) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = runtime.threads or usable_cores()
        options.log_severity_level = 3  # errors only: warnings speak of graph internals
        self._encoder = _session(folder / ENCODER_FILE, options)
        self._heads = _session(folder / HEADS_FILE, options)

    def encode(self, ids: IntArray, mask: IntArray) -> tuple[FloatArray, FloatArray]:
        """See :class:`stance.readers.neural.Engine`."""
        states, tags = self._encoder.run(["states", "tags"], {"ids": ids, "mask": mask})
        return states, tags

    def judge(
        self,
        states: FloatArray,
        mask: IntArray,
        rows: IntArray,
        starts: IntArray,
        ends: IntArray,
    ) -> Judgement:
        """See :class:`stance.readers.neural.Engine`."""
        inputs = {"states": states, "mask": mask, "rows": rows, "starts": starts, "ends": ends}
        return Judgement(*self._heads.run(list(Judgement._fields), inputs))


def usable_cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _session(path: Path, options: Any) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
