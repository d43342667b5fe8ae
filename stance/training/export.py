"""From a trained run to a shipped bundle: ONNX, quantised, checked against PyTorch."""

from __future__ import annotations

import logging
import shutil
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn
from torch.export import Dim

from stance.evaluation.bootstrap import Bootstrap
from stance.evaluation.result import Evaluation
from stance.evaluation.run import evaluate_reader
from stance.readers.bundle import BUNDLE, MANIFEST, featuriser, read_manifest, write_manifest
from stance.readers.features import TOKENIZER
from stance.readers.neural import NeuralReader
from stance.readers.onnx import ENCODER_FILE, HEADS_FILE, OnnxEngine
from stance.readers.transformer import StanceModel, TorchEngine, load_model
from stance.schema import Example
from stance.settings import ExportSettings, RuntimeSettings
from stance.training.card import write_card
from stance.training.run import calibrate, recorded_data

log = logging.getLogger(__name__)

_OPSET = 20
_BLOCK = 64  # values of an embedding that share a scale when they have 4 bits each


class ParityError(RuntimeError):
    """The exported reader is further from the trained one than the settings allow."""


@dataclass(frozen=True)
class Parity:
    """How far the export is from PyTorch on dev, both calibrated on dev.

    ``probability_gap`` is the mean absolute difference over mentions and labels;
    ``f1_loss`` the macro-F1 given the actors that PyTorch has more.
    """

    probability_gap: float
    f1_loss: float


@dataclass(frozen=True)
class Export:
    """A bundle that passed the parity check."""

    folder: Path
    bytes: int
    parity: Parity
    test: Evaluation

    def summary(self) -> str:
        """What to tell the person who exported."""
        return (
            f"test: {self.test.headline()}\n"
            f"{self.folder}: {self.bytes / 1e6:.1f} MB; on dev the probabilities are "
            f"{self.parity.probability_gap:.4f} off PyTorch on average and macro-F1 is "
            f"{-self.parity.f1_loss:+.4f}"
        )


def export(settings: ExportSettings) -> Export:
    """Write the ONNX bundle of a run to ``settings.output``, whole or not at all.

    Calibration and thresholds are fitted anew on the run's dev side, since quantising moves the
    scores. Raises :class:`ValueError` if the run's reader is no transformer or the labelled files
    changed since, :class:`ParityError` if the bundle is not close enough to the run's PyTorch
    reader, and :class:`FileExistsError` if ``settings.output`` holds something other than a bundle.
    """
    _check_output(settings.output)
    if settings.embedding_bits not in _TABLES:
        raise ValueError(f"embedding_bits is {settings.embedding_bits}: use 4 or 8")
    source = settings.run / BUNDLE
    manifest = read_manifest(source)
    if manifest.kind != "transformer":
        raise ValueError(
            f"{source} holds a {manifest.kind} reader, and only a transformer is exported to ONNX; "
            "use that folder as the bundle, as it is"
        )
    data = recorded_data(settings.run, manifest)
    split = data.split
    model = load_model(source, manifest.model)
    settings.output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.output.parent) as scratch:
        folder = Path(scratch) / "bundle"
        folder.mkdir()
        _write_graphs(load_model(source, manifest.model), folder, settings)
        shutil.copy(source / TOKENIZER, folder / TOKENIZER)
        features = featuriser(source, manifest)
        trained = NeuralReader(TorchEngine(model), features, manifest.calibration)
        exported = NeuralReader(OnnxEngine(folder, RuntimeSettings()), features)
        calibrate(exported, split.dev, data.calibration)
        parity = _checked(measure_parity(trained, exported, split.dev), settings)
        scores = {
            name: evaluate_reader(exported, side, Bootstrap(1000, 0.95, seed=1))
            for name, side in (("dev", split.dev), ("test", split.test))
        }
        shipped = replace(
            manifest,
            kind="onnx",
            calibration=exported.calibration,
            scores={name: result.to_dict()["scores"] for name, result in scores.items()},
        )
        write_manifest(folder, shipped)
        write_card(folder, shipped, settings.output.name, data.settings, settings.quantise)
        _replace(settings.output, folder)
    size = sum(path.stat().st_size for path in settings.output.iterdir())
    return Export(settings.output, size, parity, scores["test"])


def measure_parity(trained: NeuralReader, exported: NeuralReader, dev: Sequence[Example]) -> Parity:
    """Compare two calibrated readers on the gold spans of ``dev``."""
    results = [evaluate_reader(reader, dev) for reader in (trained, exported)]
    probabilities = [
        np.array([list(m.probabilities.values()) for ms in r.predictions.given for m in ms])
        for r in results
    ]
    return Parity(
        probability_gap=float(np.abs(probabilities[0] - probabilities[1]).mean()),
        f1_loss=results[0].macro_f1_given.value - results[1].macro_f1_given.value,
    )


def _checked(parity: Parity, settings: ExportSettings) -> Parity:
    for name, value, limit in (
        ("mean gap of probabilities", parity.probability_gap, settings.max_probability_gap),
        ("loss of macro-F1", parity.f1_loss, settings.max_f1_loss),
    ):
        log.info("%s to PyTorch on dev: %.4f (limit %.4f)", name, value, limit)
        if not value <= limit:  # so that a value that is no number is refused as well
            raise ParityError(
                f"{name} to PyTorch on dev is {value:.4f}, not within the {limit} allowed; export "
                "with quantise=false, or raise the limit if the loss is acceptable"
            )
    return parity


class _Encoder(nn.Module):
    """The part of the model that reads pieces, as a graph of its own."""

    def __init__(self, model: StanceModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        return self.model.encode(ids, mask)


class _RowQuantised(nn.Module):
    """An embedding table in 8 bits with a scale for each row.

    Rows differ in size by far; with one scale for all, as quantising the exported graph would use,
    most of the loss of a quantised reader comes from here.
    """

    codes: Tensor
    scales: Tensor

    def __init__(self, table: nn.Embedding) -> None:
        super().__init__()
        weights = table.weight.detach()
        scales = weights.abs().amax(dim=1, keepdim=True).clamp(min=1e-8) / 127
        self.register_buffer("scales", scales)
        self.register_buffer("codes", torch.round(weights / scales).to(torch.int8))

    def forward(self, ids: Tensor) -> Tensor:
        return self.codes[ids].float() * self.scales[ids]


class _BlockQuantised(nn.Module):
    """An embedding table in 4 bits, two to a byte, with a scale for each 64 values of a row."""

    codes: Tensor
    scales: Tensor

    def __init__(self, table: nn.Embedding) -> None:
        super().__init__()
        blocks = table.weight.detach().reshape(table.num_embeddings, -1, _BLOCK)
        scales = (blocks.abs().amax(dim=2, keepdim=True).clamp(min=1e-6) / 7).half()
        codes = (torch.round(blocks / scales.float()).clamp(-7, 7) + 8).to(torch.uint8)
        low, high = codes.flatten(1).chunk(2, dim=1)
        self.register_buffer("scales", scales.squeeze(2))
        self.register_buffer("codes", low + 16 * high)

    def forward(self, ids: Tensor) -> Tensor:
        codes = self.codes[ids].to(torch.int32)
        values = torch.cat((codes % 16, codes // 16), dim=-1).float() - 8
        blocks = values.reshape(*ids.shape, -1, _BLOCK) * self.scales[ids].float()[..., None]
        return blocks.reshape(*ids.shape, -1)


class _RowScaled(nn.Module):
    """A linear layer that sees every row at the same scale, and scales back what comes out.

    In floating point this changes nothing. In 8 bits it decides the quality: one scale for all
    pieces of a batch is set by the few whose values are a hundred times larger than the rest.
    """

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.linear = nn.Linear(linear.in_features, linear.out_features, bias=False)
        self.linear.weight = linear.weight
        self.bias = linear.bias

    def forward(self, values: Tensor) -> Tensor:
        scale = values.abs().amax(dim=-1, keepdim=True).clamp(min=1e-6)
        scaled: Tensor = self.linear(values / scale) * scale + self.bias
        return scaled


_TABLES: dict[int, type[nn.Module]] = {4: _BlockQuantised, 8: _RowQuantised}


def _write_graphs(model: StanceModel, folder: Path, settings: ExportSettings) -> None:
    """Write both graphs; if they are to be quantised, parts of the model are replaced."""
    if settings.quantise:
        _prepare(model, settings.embedding_bits)
    batch, pieces, spans = Dim("batch"), Dim("pieces"), Dim("spans")
    ids = torch.ones((3, 17), dtype=torch.int64)
    states = torch.zeros((3, 17, model.heads.width))
    rows, starts, ends = (torch.tensor(v) for v in ([0, 1, 1, 2], [1, 2, 5, 3], [3, 4, 6, 8]))
    _write_graph(
        _Encoder(model),
        {"ids": ids, "mask": torch.ones_like(ids)},
        {"ids": {0: batch, 1: pieces}, "mask": {0: batch, 1: pieces}},
        ["states", "tags"],
        folder / ENCODER_FILE,
    )
    _write_graph(
        model.heads,
        {
            "states": states,
            "mask": torch.ones_like(ids),
            "rows": rows,
            "starts": starts,
            "ends": ends,
        },
        {
            "states": {0: batch, 1: pieces},
            "mask": {0: batch, 1: pieces},
            **{name: {0: spans} for name in ("rows", "starts", "ends")},
        },
        ["stances", "sentiment", "targets"],
        folder / HEADS_FILE,
    )
    if settings.quantise:
        for name in (ENCODER_FILE, HEADS_FILE):
            _quantise(folder / name)


def _prepare(model: StanceModel, embedding_bits: int) -> None:
    """Put what survives 8 bits in place of every embedding table and linear layer."""
    pieces = model.encoder.get_input_embeddings()  # type: ignore[operator]
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Linear):
                setattr(parent, name, _RowScaled(child))
            elif isinstance(child, nn.Embedding):
                bits = embedding_bits if child is pieces else 8
                setattr(parent, name, _TABLES[bits](child))


def _write_graph(
    module: nn.Module,
    inputs: dict[str, Tensor],
    dynamic: dict[str, dict[int, Any]],
    outputs: list[str],
    path: Path,
) -> None:
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it warns of its own internals,
    with warnings.catch_warnings():  # in both ways
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            kwargs=inputs,
            f=path,
            input_names=list(inputs),
            output_names=outputs,
            dynamic_shapes=dynamic,
            dynamo=True,
            external_data=False,
            opset_version=_OPSET,
            verbose=False,
        )


def _quantise(path: Path) -> None:
    """Matrices to 8-bit integers, and activations, which :class:`_RowScaled` brings to [-1, 1]."""
    prepared = path.with_suffix(".prepared.onnx")
    quant_pre_process(path, prepared, skip_symbolic_shape=True)
    quantize_dynamic(
        prepared,
        path,
        weight_type=QuantType.QInt8,
        per_channel=True,
        op_types_to_quantize=["MatMul", "Gemm"],
        extra_options={"MatMulConstBOnly": True},
    )
    prepared.unlink()
    graph = onnx.load(path)
    _fix_scales(graph.graph)
    onnx.save(graph, path)


def _fix_scales(graph: onnx.GraphProto) -> None:
    """Quantise activations by the range that is known instead of looking for it in every batch.

    The range, and with it the rounding, then does not depend on what else is in the batch.
    """
    for node in graph.node:
        if node.op_type == "DynamicQuantizeLinear":
            codes, scale, zero = node.output
            graph.initializer.extend(
                [
                    onnx.numpy_helper.from_array(np.array(1 / 127, dtype=np.float32), scale),
                    onnx.numpy_helper.from_array(np.array(128, dtype=np.uint8), zero),
                ]
            )
            node.op_type = "QuantizeLinear"
            node.input.extend([scale, zero])
            del node.output[:]
            node.output.append(codes)


def _check_output(target: Path) -> None:
    """Refuse to replace a folder that is no bundle and holds something."""
    if target.exists() and not (target / MANIFEST).exists() and any(target.iterdir()):
        raise FileExistsError(
            f"{target} holds files and is no bundle, so it is not replaced; name another output"
        )


def _replace(target: Path, folder: Path) -> None:
    if target.exists():
        shutil.rmtree(target)
    folder.rename(target)
