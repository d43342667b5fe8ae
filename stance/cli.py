"""The command line: ``stance predict PATH…``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stance.settings import (
    IngestSettings,
    OutputFormat,
    PredictSettings,
    RuntimeSettings,
    plain,
)

if TYPE_CHECKING:
    from rich.progress import Progress

    from stance.output.partitions import Partitions
    from stance.output.tally import Pace, Tally
    from stance.pipeline import ArticleReading, StancePipeline
    from stance.schema import Article
    from stance.text.failures import Failure

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
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE|FOLDER/",
            help="Default: standard output. A folder takes numbered files, for long runs.",
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the FOLDER/ of a run that was stopped.")
    ] = PredictSettings.resume,
    partition_articles: Annotated[
        int, typer.Option(min=1, help="Articles in each file of a FOLDER/.")
    ] = PredictSettings.partition_articles,
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
        resume=resume,
        partition_articles=partition_articles,
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
    written; 2: nothing was written, or no further partition of a folder. ``pipeline`` takes the
    place of loading the bundle.
    """
    from stance.extras import MissingExtraError
    from stance.output.writer import OutputError
    from stance.readers.bundle import BundleError

    if not settings.paths:
        return _refuse("no paths given; name files, folders, URLs, or - for standard input")
    if not all(name.strip() for name in settings.actors):
        return _refuse("a name for --actor is empty; give a name, or leave the option out")
    progress = _Progress(settings)
    try:
        if settings.output and is_folder(settings.output):
            _write_folder(settings, Path(settings.output), pipeline, progress)
        else:
            _write_stream(settings, pipeline, progress)
    except BrokenPipeError:  # who read our output has enough, as `| head` does
        _silence_standard_output()
    except (BundleError, MissingExtraError, OSError, OutputError) as error:
        return _refuse(str(error))
    if not settings.quiet:
        _tell(progress.tally.summary())
    return 1 if progress.tally.failures else 0


def is_folder(output: str) -> bool:
    """Whether findings go to a folder of partitions: it exists, or the name ends like one."""
    return output.endswith(("/", os.sep)) or os.path.isdir(output)


def _loaded(settings: PredictSettings, pipeline: StancePipeline | None) -> StancePipeline:
    from stance.pipeline import StancePipeline

    return pipeline or StancePipeline.load(settings.bundle, settings.sentences, settings.runtime)


def _write_stream(
    settings: PredictSettings, pipeline: StancePipeline | None, progress: _Progress
) -> None:
    """Write all findings to one file or to standard output."""
    from stance.output.writer import OutputError, check_output, format_of, open_writer
    from stance.text.ingest import read_articles

    if settings.resume:
        raise OutputError(
            "--resume goes on with a folder of findings; name it with --output FOLDER/"
        )
    output = None if settings.output is None else Path(settings.output)
    format = settings.format or format_of(output)
    check_output(format, output)
    pipeline = _loaded(settings, pipeline)
    with open_writer(format, output, settings.actors) as write, progress:
        articles = _articles(read_articles(settings.paths, settings.ingest), progress)
        for reading in pipeline.read_many(articles, settings.actors or None):
            write(reading)
            progress.count(reading)
    _tell_missing(progress)
    sys.stdout.flush()


def _write_folder(
    settings: PredictSettings, folder: Path, pipeline: StancePipeline | None, progress: _Progress
) -> None:
    """Write findings to a folder of partitions, from the first article that it lacks."""
    from stance.text.ingest import read_articles

    partitions = _partitions(settings, folder)
    pipeline = _loaded(settings, pipeline)
    partitions.open(resume=settings.resume)
    progress.go_on_from(partitions.tally())
    if partitions.complete:
        if not settings.quiet:
            _tell(f"{folder} is complete; nothing is left to read")
        _tell_missing(progress)
        return
    items = read_articles(settings.paths, settings.ingest)
    partitions.skip(items)
    with progress:
        for item in items:
            with partitions.partition() as partition:
                # Sentences are batched within the partition, so that the batches and with them the
                # last digits of probabilities do not depend on where a run was taken up.
                articles = _articles(partition.take(chain([item], items)), progress)
                for reading in pipeline.read_many(articles, settings.actors or None):
                    partition.write(reading)
                    progress.count(reading)
            progress.tell()
    partitions.finish()
    _tell_missing(progress)


def _partitions(settings: PredictSettings, folder: Path) -> Partitions:
    import stance
    from stance.output.partitions import Partitions
    from stance.output.writer import OutputError
    from stance.readers.bundle import digest

    for path in filter(os.path.isdir, settings.paths):
        if folder.resolve().is_relative_to(Path(path).resolve()):
            raise OutputError(f"{folder} lies in {path}, which is read; name a folder beside it")
    format = settings.format or OutputFormat.table
    return Partitions(
        folder,
        format,
        settings.partition_articles,
        {
            "version": stance.__version__,
            "bundle": digest(settings.bundle),
            "format": format.value,
            "partition_articles": settings.partition_articles,
            "paths": settings.paths,
            "actors": settings.actors,
            "ingest": plain(settings.ingest),
            "sentences": plain(settings.sentences),
            # These two make the batches, see RuntimeSettings.
            "batch_pieces": settings.runtime.batch_pieces,
            "articles_at_once": settings.runtime.articles_at_once,
        },
        tuple(_names(settings)),
    )


def _names(settings: PredictSettings) -> list[str]:
    """The actors asked for, as readings call them."""
    return [" ".join(name.split()) for name in settings.actors]


def _tell_missing(progress: _Progress) -> None:
    for name in sorted(progress.tally.missing):
        _tell(f"{name!r} occurs in no article")


def _articles(items: Iterable[Article | Failure], progress: _Progress) -> Iterator[Article]:
    """The articles that can be read; failures and warnings go to standard error."""
    from stance.schema import Article

    for item in items:
        if isinstance(item, Article):
            for warning in item.warnings:
                _tell(f"{item.id}: {warning}")
            yield item
        else:
            progress.tally.fail(item)
            _tell(f"{item.source}: {item.reason}")


class _Progress:
    """Counts what was read, and shows it on standard error.

    On a terminal it is a bar, from the second article on; elsewhere a line for each partition.
    """

    def __init__(self, settings: PredictSettings) -> None:
        from stance.output.tally import Tally

        rows_are_progress = settings.output is None and sys.stdout.isatty()
        self._on_terminal = sys.stderr.isatty() and not rows_are_progress
        self._settings = settings
        self._bar: Progress | None = None
        self._pace: Pace | None = None
        self.tally = Tally(missing=set(_names(settings)))

    def go_on_from(self, tally: Tally) -> None:
        """Count on from what an earlier run read."""
        self.tally = tally

    def __enter__(self) -> _Progress:
        from stance.output.tally import Pace
        from stance.text.ingest import count_items

        if not self._settings.quiet:
            total = count_items(self._settings.paths)
            self._pace = Pace(total, self.tally.articles + self.tally.failures)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def count(self, reading: ArticleReading) -> None:
        """Add an article, and tell what of it was not read."""
        self.tally.count(reading)
        for part in reading.skipped:
            if any(map(str.isalpha, reading.article.text[part.start : part.end])):  # no mere rule
                where = f"characters {part.start}-{part.end}"
                _tell(f"{reading.article.id}: {where} not read: {part.reason}")
        if self._on_terminal and self._pace and self.tally.articles > 1:
            self._show(self._pace)

    def _show(self, pace: Pace) -> None:
        if self._bar is None:
            self._bar = _progress_bar()
            self._bar.add_task("", total=pace.total)
            self._bar.start()
        self._bar.update(
            self._bar.task_ids[0],
            completed=self.tally.articles + self.tally.failures,
            description=pace.told(self.tally),
        )

    def tell(self) -> None:
        """A line for a log, where there is no terminal for the bar."""
        if self._pace and not self._on_terminal:
            _tell(self._pace.told(self.tally))


def _progress_bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    return Progress(
        BarColumn(),
        TextColumn("{task.description}"),
        console=Console(stderr=True),
        redirect_stdout=False,  # rows may go there
        transient=True,
    )


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
