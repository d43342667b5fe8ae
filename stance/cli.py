"""The command line: ``stance predict PATH…``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stance.settings import IngestSettings, OutputFormat, PredictSettings, RuntimeSettings

if TYPE_CHECKING:
    from rich.progress import Progress

    from stance.pipeline import ArticleReading, StancePipeline
    from stance.schema import Article

app = typer.Typer(
    help="Read news about conflict and security: who threatens, cooperates or draws down.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """The console command ``stance``."""
    app(prog_name="stance")


def _print_version(asked: bool) -> None:
    if asked:
        import stance

        typer.echo(f"stance {stance.__version__}")
        raise typer.Exit


@app.callback()
def _stance(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Say the version."),
    ] = False,
) -> None:
    pass


@app.command("predict", no_args_is_help=True)
def _predict(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            help="Files (txt, html, jsonl, csv, parquet), folders or URLs; - is standard input.",
        ),
    ],
    format: Annotated[
        OutputFormat | None,
        typer.Option("--format", "-f", help="Default: what FILE's name says, else table."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Default: standard output."),
    ] = None,
    actor: Annotated[
        list[str] | None,
        typer.Option(
            "--actor",
            "-a",
            metavar="NAME",
            help="Judge this name wherever it occurs, instead of finding actors. May be repeated.",
        ),
    ] = None,
    bundle: Annotated[
        str, typer.Option(metavar="NAME", help="A shipped bundle's name, or a bundle's folder.")
    ] = "default",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no summary.")] = False,
    text_column: Annotated[
        str, typer.Option(metavar="NAME", help="Column of the text in jsonl, csv and parquet.")
    ] = IngestSettings.text_column,
    id_column: Annotated[
        str, typer.Option(metavar="NAME", help="Column of the article's id.")
    ] = IngestSettings.id_column,
    title_column: Annotated[
        str, typer.Option(metavar="NAME", help="Column of the title.")
    ] = IngestSettings.title_column,
    date_column: Annotated[
        str, typer.Option(metavar="NAME", help="Column of the date.")
    ] = IngestSettings.date_column,
    threads: Annotated[
        int, typer.Option(min=0, help="Threads of the reader; 0: one per processor core.")
    ] = RuntimeSettings.threads,
) -> None:
    """Read articles and say who threatens, cooperates or draws down, and toward whom.

    Exit code: 0 when everything was read, 1 when some source could not be (the others are
    written), 2 when the command itself cannot be carried out.
    """
    settings = PredictSettings(
        paths=paths,
        actors=actor or [],
        bundle=bundle,
        format=format,
        output=output,
        quiet=quiet,
        ingest=IngestSettings(
            text_column=text_column,
            id_column=id_column,
            title_column=title_column,
            date_column=date_column,
        ),
        runtime=RuntimeSettings(threads=threads),
    )
    raise typer.Exit(run_predict(settings))


def run_predict(settings: PredictSettings, pipeline: StancePipeline | None = None) -> int:
    """Read the sources of ``settings`` and write their findings; the exit code.

    0: all was read; 1: a source could not be, which standard error tells while the others are
    written; 2: nothing was written. ``pipeline`` takes the place of loading the bundle.
    """
    from stance.extras import MissingExtraError
    from stance.output.writer import OutputError, check_output, format_of
    from stance.pipeline import StancePipeline
    from stance.readers.bundle import BundleError

    if not settings.paths:
        return _refuse("no paths given; name files, folders, URLs, or - for standard input")
    if not all(name.strip() for name in settings.actors):
        return _refuse("a name for --actor is empty; give a name, or leave the option out")
    progress = _Progress(settings)
    try:
        format = settings.format or format_of(settings.output)
        check_output(format, settings.output)
        pipeline = pipeline or StancePipeline.load(
            settings.bundle, settings.sentences, settings.runtime
        )
        _write_readings(settings, format, pipeline, progress)
    except BrokenPipeError:  # who read our output has enough, as `| head` does
        _silence_standard_output()
    except (BundleError, MissingExtraError, OSError, OutputError) as error:
        return _refuse(str(error))
    if not settings.quiet:
        _tell(progress.summary())
    return 1 if progress.failures else 0


def _write_readings(
    settings: PredictSettings,
    format: OutputFormat,
    pipeline: StancePipeline,
    progress: _Progress,
) -> None:
    from stance.output.writer import open_writer

    missing = {" ".join(name.split()) for name in settings.actors}
    with open_writer(format, settings.output, settings.actors) as write, progress:
        for reading in pipeline.read_many(_articles(settings, progress), settings.actors or None):
            write(reading)
            progress.count(reading)
            missing &= set(reading.missing)
    for name in sorted(missing):
        _tell(f"{name!r} occurs in no article")
    sys.stdout.flush()


def _articles(settings: PredictSettings, progress: _Progress) -> Iterator[Article]:
    """The articles that can be read; failures and warnings go to standard error."""
    from stance.schema import Article
    from stance.text.ingest import read_articles

    for item in read_articles(settings.paths, settings.ingest):
        if isinstance(item, Article):
            for warning in item.warnings:
                _tell(f"{item.id}: {warning}")
            yield item
        else:
            progress.failures += 1
            _tell(f"{item.source}: {item.reason}")


class _Progress:
    """Counts what was read, shown on a terminal's standard error from the second article on."""

    def __init__(self, settings: PredictSettings) -> None:
        rows_are_progress = settings.output is None and sys.stdout.isatty()
        self._shown = sys.stderr.isatty() and not settings.quiet and not rows_are_progress
        self._bar: Progress | None = None
        self.articles = self.sentences = self.findings = self.bearing = self.failures = 0

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def count(self, reading: ArticleReading) -> None:
        """Add an article, and tell what of it was not read."""
        self.articles += 1
        self.sentences += len(reading.sentences)
        self.findings += len(reading.findings)
        self.bearing += sum(bool(finding.stances) for finding in reading.findings)
        for part in reading.skipped:
            if any(map(str.isalpha, reading.article.text[part.start : part.end])):  # no mere rule
                where = f"characters {part.start}-{part.end}"
                _tell(f"{reading.article.id}: {where} not read: {part.reason}")
        if self._shown and self.articles > 1:
            self._show()

    def _show(self) -> None:
        if self._bar is None:
            self._bar = _progress_bar()
            self._bar.add_task("", total=None, findings=0)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=self.articles, findings=self.findings)

    def summary(self) -> str:
        """One line for the end of a run."""
        told = (
            f"read {_counted(self.articles, 'article')}, "
            f"{_counted(self.sentences, 'sentence')}: "
            f"{_counted(self.findings, 'finding')}, {self.bearing} with a stance"
        )
        return told + (f"; {_counted(self.failures, 'source')} failed" if self.failures else "")


def _progress_bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("reading"),
        BarColumn(),
        TextColumn("{task.completed:.0f} articles, {task.fields[findings]} findings"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        redirect_stdout=False,  # rows may go there
        transient=True,
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _tell(message: str) -> None:
    typer.echo(message, err=True)


def _refuse(message: str) -> int:
    _tell(f"stance: {message}")
    return 2


def _silence_standard_output() -> None:
    """Keep the interpreter from flushing into the closed pipe when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
