"""Every knob of the project, each with its one default.

Plain dataclasses: the Hydra scripts check their YAML against them and hand over instances, a
program builds them directly. Nothing below the scripts knows Hydra. The classes stay unfrozen
because OmegaConf cannot merge a file over a frozen schema.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Optional

# OmegaConf reads these annotations at run time and knows Optional[X], not X | None.
# ruff: noqa: UP045


class ReaderKind(Enum):
    """Which family of reader to train."""

    transformer = "transformer"
    linear = "linear"


class OutputFormat(str, Enum):
    """How findings are written."""

    table = "table"
    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"


class Aggregation(Enum):
    """How the votes of labelling functions become labels."""

    majority = "majority"
    dawid_skene = "dawid_skene"
    better = "better"  # whichever does better on the gold labels; majority without gold


class QueueStrategy(Enum):
    """By what the sentences to review are ordered."""

    mixed = "mixed"
    disagreement = "disagreement"
    uncertainty = "uncertainty"
    scarcity = "scarcity"
    diversity = "diversity"
    random = "random"


class LabelTool(Enum):
    """With what people label."""

    label_studio = "label_studio"
    doccano = "doccano"
    prodigy = "prodigy"
    csv = "csv"


@dataclass
class IngestSettings:
    """How files become articles.

    Column names apply to jsonl, csv and parquet. An ``id`` column that a file lacks is replaced by
    the file's name and row number; title and date columns may be missing.
    """

    text_column: str = "text"
    id_column: str = "id"
    title_column: str = "title"
    date_column: str = "date"
    url_timeout: float = 20.0  # seconds, for connecting and for each read
    max_bytes: int = 50_000_000  # a single page or document larger than this is refused
    expected_language: str = "en"  # another language draws a warning; "" switches the check off


@dataclass
class SentenceSettings:
    """How articles become sentences."""

    language: str = "en"  # of the sentence splitter's rules
    max_characters: int = 10_000  # beyond this it is no sentence and is skipped, with a reason


@dataclass
class RuntimeSettings:
    """How the reader runs; no knob here is meant to change what is found.

    It holds up to rounding: the padding of another batch can move a probability in its last digits,
    and a borderline decision with it.
    """

    batch_pieces: int = 4096  # word pieces in a padded batch
    threads: int = 0  # intra-op threads, 0 = all cores the process may use
    articles_at_once: int = 32  # articles whose sentences are batched together


@dataclass
class ReaderSettings:
    """What is trained. ``encoder`` is a name of ``readers.encoders.OFFLINE`` or a hub name."""

    kind: ReaderKind = ReaderKind.transformer
    encoder: str = "minilm"
    layers: Optional[int] = None  # of the encoder, from the bottom; None: all it has
    context: bool = False  # read the previous sentence along
    max_pieces: int = 160  # word pieces of a window; longer sentences are read in several
    context_pieces: int = 64  # of these, at most so many for the previous sentence
    window_overlap: int = 48  # word pieces shared by neighbouring windows
    span_width: int = 384  # size of the span vector
    span_heads: int = 6  # attention heads that read the sentence for a span
    span_reach: int = 24  # pieces to either side whose distance such a head can tell
    target_width: int = 128  # size of the vectors whose product scores a target
    dropout: float = 0.1


@dataclass
class LinearSettings:
    """The scikit-learn baseline."""

    word_features: int = 16_384  # hash buckets for the word n-grams of each field
    char_features: int = 32_768  # hash buckets for the character n-grams of each field
    tag_features: int = 65_536  # hash buckets of the mention finder
    regularisation: float = 2.0  # inverse strength C of the logistic regressions


@dataclass
class TrainingSettings:
    """How the transformer is fitted."""

    epochs: int = 5
    batch_size: int = 8  # sentences
    learning_rate: float = 1.2e-4  # of the encoder
    head_learning_rate: float = 4e-4
    weight_decay: float = 0.01
    warmup_ratio: float = 0.1
    tag_weight: float = 1.0
    stance_weight: float = 1.0
    sentiment_weight: float = 0.5
    target_weight: float = 0.5
    teacher: Optional[str] = None  # a bundle whose judgement is learned along with the labels
    teacher_weight: float = 0.5  # its share where there is a label, too
    bf16: bool = True  # autocast, where the processor has it
    resume: bool = True  # go on from the run folder's newest checkpoint
    progress: bool = True  # show a progress bar
    max_examples: Optional[int] = None  # for debugging: train on the first so many


@dataclass
class CalibrationSettings:
    """How probabilities, thresholds and the abstention band are fitted on dev."""

    coverage: float = 0.95  # share of decisions per label that are not sent to review


@dataclass
class SplitSettings:
    """Shares of the documents; a document's side depends on its id and the salt alone."""

    dev: float = 0.12
    test: float = 0.15
    salt: str = "stance"


@dataclass
class DataSettings:
    """Labelled files. Without ``dev`` or ``test`` files, ``train`` is split by document.

    ``unlabelled`` articles are for a teacher to label (``training.teacher``); those whose documents
    stand in dev or test are passed over.
    """

    train: list[Path] = field(default_factory=lambda: [Path("seeds/sentences")])
    dev: list[Path] = field(default_factory=list)
    test: list[Path] = field(default_factory=list)
    unlabelled: list[Path] = field(default_factory=list)
    split: SplitSettings = field(default_factory=SplitSettings)


@dataclass
class TrainSettings:
    """``scripts/train.py``."""

    output: Path = Path("runs/minilm")
    seed: int = 1
    data: DataSettings = field(default_factory=DataSettings)
    reader: ReaderSettings = field(default_factory=ReaderSettings)
    linear: LinearSettings = field(default_factory=LinearSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    calibration: CalibrationSettings = field(default_factory=CalibrationSettings)


@dataclass
class FetchSettings:
    """``scripts/fetch.py``: labels of public texts are joined with the texts."""

    standoff: Path = Path("seeds/standoff")  # folders of standoff files named as their corpus
    mirror: Optional[Path] = None  # a folder with local copies; None: download
    output: Path = Path("corpora")


@dataclass
class EvaluateSettings:
    """``scripts/evaluate.py``. ``files`` empty means the test side of ``data``."""

    bundles: list[str] = field(default_factory=lambda: ["default"])
    files: list[Path] = field(default_factory=list)
    data: DataSettings = field(default_factory=DataSettings)
    output: Path = Path("runs/evaluation.json")
    resamples: int = 1000  # of the bootstrap by document
    confidence: float = 0.95
    seed: int = 1


@dataclass
class BehaviourSettings:
    """``scripts/behaviour.py``: suites of contrasting sentences, and name swaps.

    Names are swapped in the first ``swap_sentences`` of the test side of ``data`` that hold one.
    """

    bundles: list[str] = field(default_factory=lambda: ["default"])
    suites: Path = Path("seeds/behaviour")
    data: DataSettings = field(default_factory=DataSettings)
    swap_sentences: int = 100
    output: Path = Path("runs/behaviour.json")
    resamples: int = 1000  # of the bootstrap by family and by document
    confidence: float = 0.95
    seed: int = 1


@dataclass
class CompareSettings:
    """``scripts/compare.py``. ``runs`` are run folders, globs, or folders with runs below them."""

    runs: list[str] = field(default_factory=lambda: ["runs/*"])
    reference: Optional[str] = None  # a run or group to compare the others with; None: the first
    output: Path = Path("runs/comparison")
    resamples: int = 10_000  # of the bootstrap and the randomisation, both by document
    confidence: float = 0.95
    seed: int = 1


@dataclass
class ExportSettings:
    """``scripts/export.py``: a trained run becomes a quantised ONNX bundle."""

    run: Path = Path("runs/default")
    output: Path = Path("models/default")
    quantise: bool = True
    embedding_bits: int = 8  # of the table of word pieces if quantised: 8 or, smaller, 4
    max_probability_gap: float = 0.05  # mean absolute gap to PyTorch, over dev mentions and labels
    max_f1_loss: float = 0.01  # of macro-F1 given the actors, on dev


@dataclass
class QueueSettings:
    """Which sentences are to be reviewed, and in what order."""

    size: int = 200
    strategy: QueueStrategy = QueueStrategy.mixed
    spread: float = 0.5  # what likeness to a sentence already queued costs, if mixed
    seed: int = 1  # of the order, if random


@dataclass
class LabelSettings:
    """``scripts/label.py``: articles, or labelled sentences, become suggested labels.

    Mentions are found by ``bundle``, or are the ``actors`` where names are given; the sentences of
    ``gold`` keep their own, and what is suggested for them is scored. ``functions`` are Python
    files of the user's own labelling functions.
    """

    paths: list[str] = field(default_factory=list)  # articles
    gold: list[Path] = field(default_factory=list)  # labelled files to compare with
    gold_side: Optional[str] = None  # of these only the train, dev or test side
    reviewed: list[Path] = field(default_factory=list)  # labelled files; never queued again
    actors: list[str] = field(default_factory=list)  # empty: the bundle finds them
    bundle: str = "default"
    readers: list[str] = field(default_factory=lambda: ["default"])  # bundles that vote
    lexicon: Optional[Path] = Path("seeds/lexicon")  # None: without the shipped functions
    functions: list[Path] = field(default_factory=list)
    leave_out: list[str] = field(default_factory=list)  # functions by name
    aggregation: Aggregation = Aggregation.better
    tool: LabelTool = LabelTool.csv
    output: Path = Path("runs/label")
    queue: QueueSettings = field(default_factory=QueueSettings)
    ingest: IngestSettings = field(default_factory=IngestSettings)
    sentences: SentenceSettings = field(default_factory=SentenceSettings)
    runtime: RuntimeSettings = field(default_factory=RuntimeSettings)
    split: SplitSettings = field(default_factory=SplitSettings)


@dataclass
class PredictSettings:
    """``scripts/predict.py`` and ``stance predict``."""

    paths: list[str] = field(default_factory=list)
    actors: list[str] = field(default_factory=list)  # empty: the reader finds them
    bundle: str = "default"
    format: Optional[OutputFormat] = None  # None: what the name of ``output`` says, else a table
    output: Optional[str] = None  # file, or a folder: it ends in "/" or exists; None: stdout
    resume: bool = False  # go on with a folder of partitions that a killed run left
    partition_articles: int = 1000  # articles in each file of a folder
    quiet: bool = False
    ingest: IngestSettings = field(default_factory=IngestSettings)
    sentences: SentenceSettings = field(default_factory=SentenceSettings)
    runtime: RuntimeSettings = field(default_factory=RuntimeSettings)


def plain(value: Any) -> Any:
    """Settings as JSON values: objects become their fields, paths text, enum members names."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value
