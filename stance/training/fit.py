"""Fitting the transformer with Hugging Face Trainer."""

from __future__ import annotations

import json
import logging
import math
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor
from transformers import Trainer, TrainingArguments, set_seed
from transformers.trainer import TRAINER_STATE_NAME

from stance.atomic import atomic_write
from stance.data.files import fingerprint
from stance.data.split import Split
from stance.evaluation.run import evaluate_reader
from stance.readers import bundle
from stance.readers.features import Featuriser
from stance.readers.neural import NeuralReader
from stance.readers.transformer import StanceModel, TorchEngine, new_model
from stance.schema import Example, Reader
from stance.settings import TrainingSettings, TrainSettings, plain
from stance.training.features import Collator, training_rows
from stance.training.loss import total_loss
from stance.training.processes import wait_for_everyone, writes
from stance.training.teaching import taught, teacher_labelled, unlabelled_sentences

log = logging.getLogger(__name__)

#: What the best checkpoint is chosen by: macro-F1 given the actors and end to end, averaged.
BEST: Final = "score"

_LABELS = ("tags", "stances", "sentiment", "targets")


class StanceTrainer(Trainer):
    """Trainer with our loss, two learning rates, and dev scores that a reader is judged by."""

    def __init__(
        self,
        model: StanceModel,
        featuriser: Featuriser,
        dev: Sequence[Example],
        settings: TrainingSettings,
        **rest: Any,
    ) -> None:
        super().__init__(model=model, eval_dataset=dev, **rest)
        self.settings = settings
        self._network = model
        self._dev = dev
        self._reader = NeuralReader(TorchEngine(model), featuriser)

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, Tensor | Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Tensor | tuple[Tensor, Any]:
        """The weighted sum of the four losses."""
        labels = {name: inputs.pop(name) for name in _LABELS}
        outputs = model(**inputs)
        loss = total_loss(outputs, labels, self.settings)
        return (loss, outputs) if return_outputs else loss

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """AdamW with one learning rate for the encoder and one for the fresh heads."""
        groups: dict[str, list[torch.nn.Parameter]] = {"encoder": [], "heads": []}
        for name, parameter in self._network.named_parameters():
            groups["encoder" if name.startswith("encoder.") else "heads"].append(parameter)
        self.optimizer = torch.optim.AdamW(
            [
                {"params": groups["encoder"], "lr": self.settings.learning_rate},
                {"params": groups["heads"], "lr": self.settings.head_learning_rate},
            ],
            weight_decay=self.settings.weight_decay,
            fused=True,  # on a CPU the plain loop over parameters takes as long as the gradients
        )
        return self.optimizer

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Score dev as a reader would be scored."""
        self._network.eval()
        with self.accelerator.autocast():
            measured = dev_scores(self._reader, self._dev)
        metrics = {f"eval_{name}": value for name, value in measured.items()}
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(
            self.args, self.state, self.control, metrics
        )
        return metrics


def dev_scores(reader: Reader, dev: Sequence[Example]) -> dict[str, float]:
    """The few scores that are watched while training; what cannot be scored counts as 0."""
    measured = evaluate_reader(reader, dev)
    watched = {
        "macro_f1_given": measured.macro_f1_given,
        "macro_f1_found": measured.macro_f1_found,
        "mention_f1": measured.mentions.f1,
        "sentiment_macro_f1": measured.macro_f1_sentiment,
        "target_accuracy": measured.target_accuracy,
    }
    values = {
        name: 0.0 if math.isnan(score.value) else score.value for name, score in watched.items()
    }
    return {BEST: (values["macro_f1_given"] + values["macro_f1_found"]) / 2, **values}


def fit(
    split: Split, settings: TrainSettings, scratch: Path
) -> tuple[StanceModel, NeuralReader, list[Any]]:
    """Train on ``split.train``, keep the epoch that is best on ``split.dev``.

    ``scratch`` holds the checkpoints from which an interrupted run goes on; it is removed when
    training ends. Returns the model, its uncalibrated reader, and the log of losses and dev scores.
    """
    set_seed(settings.seed)
    model, featuriser = new_model(settings.reader)
    examples = _lessons(split, settings)
    trainer = StanceTrainer(
        model=model,
        featuriser=featuriser,
        dev=split.dev,
        settings=settings.training,
        args=_arguments(settings, scratch),
        train_dataset=training_rows(examples, featuriser),
        data_collator=Collator(featuriser.pad),
    )
    if writes():
        _prepare(scratch, _record(split, settings), settings.training.resume)
    wait_for_everyone()
    checkpoint = max(_checkpoints(scratch), key=_step, default=None)
    if checkpoint:
        log.info("going on from %s", checkpoint)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    history = list(trainer.state.log_history)
    wait_for_everyone()  # each process has loaded the best checkpoint
    if writes():
        shutil.rmtree(scratch, ignore_errors=True)
    model.eval()
    return model, NeuralReader(TorchEngine(model), featuriser), history


def _lessons(split: Split, settings: TrainSettings) -> list[Example]:
    """What is trained on: the labels, and what a teacher makes of them and of unlabelled text."""
    training = settings.training
    examples = split.train[: training.max_examples]
    if training.teacher is None:
        return examples
    teacher = bundle.load(training.teacher)
    sentences = unlabelled_sentences(settings.data.unlabelled, [*split.dev, *split.test])
    sentences = sentences[: training.max_examples]
    log.info(
        "the teacher %s reads %d labelled and %d unlabelled sentences",
        training.teacher,
        len(examples),
        len(sentences),
    )
    return [
        *taught(examples, teacher, training.teacher_weight),
        *teacher_labelled(sentences, teacher),
    ]


def _record(split: Split, settings: TrainSettings) -> str:
    """All that the fitted weights depend on; a checkpoint serves only a run with the same."""
    known = plain(settings)
    for name in ("resume", "progress"):
        del known["training"][name]
    settled = {name: known[name] for name in ("seed", "data", "reader", "training")}
    sentences = {"train": fingerprint(split.train), "dev": fingerprint(split.dev)}
    return json.dumps({"settings": settled, "sentences": sentences}, sort_keys=True)


def _prepare(scratch: Path, ours: str, resume: bool) -> None:
    """Leave in ``scratch`` only whole checkpoints of an interrupted run with the same record."""
    record = scratch / "settings.json"
    if resume and record.exists() and record.read_text(encoding="utf-8") == ours:
        for partial in set(scratch.glob("checkpoint-*")) - set(_checkpoints(scratch)):
            log.warning("%s was cut off while it was written, and is removed", partial)
            shutil.rmtree(partial)
        return
    if _checkpoints(scratch):
        why = "they are of other settings or sentences" if resume else "training.resume is off"
        log.warning("the checkpoints in %s are discarded: %s", scratch, why)
    shutil.rmtree(scratch, ignore_errors=True)
    with atomic_write(record) as path:
        path.write_text(ours, encoding="utf-8")


def _checkpoints(scratch: Path) -> list[Path]:
    """The checkpoints that are whole: Trainer writes its state last."""
    return [path.parent for path in scratch.glob(f"checkpoint-*/{TRAINER_STATE_NAME}")]


def _step(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def _arguments(settings: TrainSettings, scratch: Path) -> TrainingArguments:
    training = settings.training
    arguments = TrainingArguments(
        output_dir=str(scratch),
        num_train_epochs=training.epochs,
        per_device_train_batch_size=training.batch_size,
        learning_rate=training.learning_rate,
        warmup_steps=training.warmup_ratio,
        train_sampling_strategy="group_by_length",
        remove_unused_columns=False,
        use_cpu=not torch.accelerator.is_available(),
        bf16=training.bf16 and _has_bf16(),
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=1,
        load_best_model_at_end=True,
        metric_for_best_model=BEST,
        greater_is_better=True,
        logging_strategy="epoch",
        report_to="none",
        disable_tqdm=not settings.training.progress,
        seed=settings.seed,
        data_seed=settings.seed,
    )
    # With several GPUs in a process Trainer would wrap the model in DataParallel, which cuts every
    # tensor of a batch along its first axis; ours are of rows and of spans. torchrun uses them all.
    arguments._n_gpu = min(arguments.n_gpu, 1)
    return arguments


def _has_bf16() -> bool:
    """Whether bf16 arithmetic is done in hardware here, and so pays."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name, False) for name in ("amx_bf16", "avx512_bf16", "bf16"))
