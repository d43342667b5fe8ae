"""The model card: what a bundle's manifest says, for people."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any, Final

from stance.atomic import atomic_write
from stance.ontology import CODEBOOK_VERSION, STANCES
from stance.readers.bundle import Manifest
from stance.readers.encoders import OFFLINE
from stance.settings import DataSettings

CARD: Final = "README.md"

_ROWS: Final = {
    "macro-F1 given the actors": "stance_given.macro_f1",
    "macro-F1 end to end": "stance_found.macro_f1",
    "mention F1": "mention.overlap.f1",
    "sentiment macro-F1": "sentiment.macro_f1",
    "target accuracy": "target.accuracy",
    **{f"F1 of {label}, given the actors": f"stance_given.{label}.f1" for label in STANCES},
    **{f"calibration error of {label}": f"calibration_error.{label}" for label in STANCES},
}

_CARD: Final = Template(
    """\
# $name

Reads English news about conflict and security: finds every actor of a sentence and says whether it
*threatens*, *cooperates* or *draws down*, toward whom, and in what light the sentence casts it.
Labels follow `seeds/CODEBOOK.md`, version $codebook.

* **Encoder**: $encoder, $depth; ONNX, $weights, one encoding a sentence.
* **Licence**: $licence
* **Data**: $train sentences for training, $dev for choosing, calibrating and thresholds, $test for
  the scores below; $source, parted by document.
  SHA-256 of the training side: `$hash`. Seed $seed.
* **Size**: $size MB. It needs no GPU and no network.

## Scores on $scored

In brackets the 95 % interval, resampled by document; n is the number of gold items.

| score | value | n |
| --- | --- | --- |
$rows
$caution
## Intended use

Reading articles for analysts, political scientists, newsrooms and investigators: who does what to
whom, with the sentence as evidence. Every finding is a machine's reading of one sentence and has a
probability; doubtful ones are marked. Look at the sentence before you rely on one.

## Limits

* English only; reports on conflict, security and politics. Other texts give poor findings.
* It reads a sentence at a time: an actor named only by "it" or "the group" keeps that name unless
  the rest of the article settles it, and irony, hearsay across sentences and pictures are lost.
* A label says what a sentence *reports*, not what is true, lawful or right: a lawful strike is a
  threat, and an allegation counts as reported.
* It may know some names better than others. Do not compare actors by counts without reading a
  sample of the sentences behind them.
* Not for decisions about persons.
"""
)


#: Where ``scripts/fetch.py`` puts the labelled sentences of public texts.
PUBLIC: Final = Path("corpora/train")

_CAUTION: Final = """
The sentences of the seeds are written for this project; news that nobody wrote for us is harder.
The project's README has the scores on real news.
"""


def write_card(
    folder: Path, manifest: Manifest, name: str, sources: DataSettings, quantised: bool
) -> None:
    """Write the model card of the bundle in ``folder``, to be known as ``name``, as its README.

    ``sources`` says which labelled files it was made from, ``quantised`` whether weights are 8-bit.
    """
    data = manifest.training["data"]
    encoder = manifest.training["encoder"]
    size = sum(path.stat().st_size for path in folder.iterdir() if path.name != CARD)
    text = _CARD.substitute(
        name=f"Bundle `{name}`",
        codebook=CODEBOOK_VERSION,
        encoder=encoder.get("origin", encoder["name"]),
        depth=_depth(manifest.training),
        weights="8-bit weights" if quantised else "full precision",
        **_origin(sources, encoder["name"]),
        train=data["train"]["sentences"],
        dev=data["dev"]["sentences"],
        test=data["test"]["sentences"],
        hash=data["train"]["hash"],
        seed=manifest.training["seed"],
        size=f"{size / 1e6:.1f}",
        rows="\n".join(_row(name, manifest.scores["test"][key]) for name, key in _ROWS.items()),
    )
    with atomic_write(folder / CARD) as path:
        path.write_text(text, encoding="utf-8")


def _depth(training: Mapping[str, Any]) -> str:
    """How the encoder was trained, and how much of it."""
    layers, teacher = training.get("layers"), training.get("teacher")
    cut = f"its lower {layers} layers, " if layers else ""
    taught = f", also taught by the bundle `{teacher}`" if teacher else ""
    return f"{cut}fine-tuned{taught}"


def _origin(sources: DataSettings, encoder: str) -> dict[str, str]:
    """What the card says of the labels' origin and licence."""
    if sources == DataSettings(split=sources.split):
        ours = "all of our own writing (`seeds/sentences/`)"
        values = {"source": ours, "scored": "the test side of the seeds", "caution": _CAUTION}
        free = "Apache-2.0, like the encoder and the code."
    elif sources.train == [*DataSettings().train, PUBLIC] and not (sources.dev or sources.test):
        both = (
            "of our own writing (`seeds/sentences/`) and of public texts labelled by us "
            "(`seeds/standoff/`: re3d, a sample of Guardian articles, NewsMTSC)"
        )
        values = {"source": both, "scored": "the test side of both", "caution": _CAUTION}
        free = "Apache-2.0, like the encoder and the code; the public texts stay their owners'."
    else:
        paths = [f"`{path}`" for path in (*sources.train, *sources.dev, *sources.test)]
        values = {"source": f"from {', '.join(paths)}", "scored": "the test side", "caution": ""}
        free = "the code is Apache-2.0; that of the labels is their owner's to name."
    if encoder not in OFFLINE:  # those are all under Apache-2.0
        free = "the code is Apache-2.0; encoder and labels have licences of their own."
    return values | {"licence": free}


def _row(name: str, score: Mapping[str, Any]) -> str:
    value, low, high = (_number(score[key]) for key in ("value", "low", "high"))
    return f"| {name} | {value} [{low}, {high}] | {score['n']} |"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
