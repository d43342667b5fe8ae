"""Labels go through every tool and come back the same; what cannot is told with its row."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stance.data.validate import problems
from stance.labelling.exchange import SUFFIXES, ExchangeError, guess_tool, read, write
from stance.labelling.exchange.common import canonical
from stance.ontology import SENTIMENTS, STANCES
from stance.schema import Act, Example, Mention
from stance.settings import LabelTool

TEXT = "Iran threatened Israel, and Iraq met Iran."
IRAN = Mention(
    0, 4, "Iran", (Act("threat", 1), Act("cooperation", 2), Act("cooperation", 3)), "negative"
)
EXAMPLE = Example(
    "d:0",
    "d",
    7,
    "Nothing.",
    TEXT,
    (
        IRAN,
        Mention(16, 22, "Israel"),
        Mention(28, 32, "Iraq", (Act("cooperation", 3), Act("drawdown"))),
        Mention(37, 41, "Iran", (Act("cooperation", 2),), "positive"),
    ),
)
OTHER = Example("d:50", "d", 50, TEXT, "NATO left.", (Mention(0, 4, "NATO", (Act("drawdown"),)),))


@st.composite
def examples(draw):
    """Any sound example: words of any script, marks and line breaks, spans on word edges."""
    alphabet = st.characters(blacklist_categories=("Cs", "Cc"))
    word = st.text(alphabet, min_size=1, max_size=6).filter(lambda w: w.strip() == w != "")
    words = draw(st.lists(word, min_size=1, max_size=8))
    gaps = draw(st.lists(st.sampled_from([" ", "\n", "  "]), min_size=8, max_size=8))
    text, spans = "", []
    for one, gap in zip(words, gaps, strict=False):
        spans.append((len(text), len(text) + len(one)))
        text += one + gap
    text = text.rstrip()
    chosen = draw(st.lists(st.sampled_from(spans), unique=True, max_size=4))
    actors = tuple(
        Mention(
            *span,
            text[slice(*span)],
            _acts(draw, i, len(chosen)),
            draw(st.sampled_from(SENTIMENTS)),
        )
        for i, span in enumerate(chosen)
    )
    return Example("d:0", "d", 0, draw(word), text, actors)


def _acts(draw, actor, actors):
    others = [i for i in range(actors) if i != actor]
    acts = []
    for label in draw(st.lists(st.sampled_from(STANCES), unique=True)):
        targets = draw(st.lists(st.sampled_from(others), unique=True)) if others else []
        acts += [Act(label, target) for target in targets] or [Act(label)]
    return tuple(acts)


def finish(tool, path):
    """What a person does who agrees with every suggestion."""
    if tool is LabelTool.label_studio:
        tasks = json.loads(path.read_text(encoding="utf-8"))
        for task in tasks:
            task["annotations"] = task.pop("predictions")
        path.write_text(json.dumps(tasks), encoding="utf-8")
    if tool is LabelTool.prodigy:
        edit_lines(path, lambda row: row | {"answer": "accept"})
    if tool is LabelTool.csv:
        edit_cells(path, lambda row: row | {"done": "x"})


def edit_lines(path, change):
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    path.write_text("".join(json.dumps(change(row)) + "\n" for row in rows), encoding="utf-8")


def edit_cells(path, change):
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(change(row) for row in rows)


def edit_task(path, number, change):
    tasks = json.loads(path.read_text(encoding="utf-8"))
    change(tasks[number])
    path.write_text(json.dumps(tasks), encoding="utf-8")


@pytest.fixture(params=list(LabelTool), ids=lambda tool: tool.value)
def tool(request):
    return request.param


@pytest.fixture
def sent(tool, tmp_path):
    """Two sentences, finished in the tool."""
    path = tmp_path / f"queue{SUFFIXES[tool]}"
    write(tool, path, [EXAMPLE, OTHER])
    finish(tool, path)
    return path


def test_several_stances_targets_and_sentiments_come_back(tool, sent):
    collected = read(tool, sent, [EXAMPLE, OTHER])
    assert collected.problems == []
    assert collected.examples == [EXAMPLE, OTHER]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(example=examples())
def test_any_example_comes_back(tool, tmp_path, example):
    assert problems(example.to_dict()) == []
    path = tmp_path / f"any{SUFFIXES[tool]}"
    write(tool, path, [example])
    finish(tool, path)
    assert read(tool, path, [example]).examples == [canonical(example)]


def test_the_file_says_which_tool_wrote_it(tool, sent):
    assert guess_tool(sent) is tool


def test_a_sentence_that_was_not_sent_is_told_and_the_other_kept(tool, sent):
    collected = read(tool, sent, [OTHER])
    assert collected.examples == [OTHER]
    [problem] = collected.problems
    assert "no sentence with the id 'd:0' was sent" in problem.message


def test_moved_text_is_told_and_the_other_kept(tool, sent):
    moved = replace(OTHER, text="Nato left.", actors=())
    collected = read(tool, sent, [EXAMPLE, moved])
    assert collected.examples == [EXAMPLE]
    [problem] = collected.problems
    assert "d:50: the sentence no longer reads as it was sent" in problem.message


def test_mentions_may_be_out_of_order():
    swapped = replace(OTHER, text="A met B", actors=(
        Mention(6, 7, "B"), Mention(0, 1, "A", (Act("cooperation", 0),)),
    ))  # fmt: skip
    assert canonical(swapped).actors == (
        Mention(0, 1, "A", (Act("cooperation", 1),)),
        Mention(6, 7, "B"),
    )


class TestSheet:
    @pytest.fixture
    def sheet(self, tmp_path):
        path = tmp_path / "queue.csv"
        write(LabelTool.csv, path, [EXAMPLE, OTHER])
        finish(LabelTool.csv, path)
        return path

    def read(self, sheet):
        collected = read(LabelTool.csv, sheet, [EXAMPLE, OTHER])
        return collected.examples, [f"{p.line}: {p.message}" for p in collected.problems]

    @pytest.mark.parametrize(
        ("column", "value", "told"),
        [
            ("sentiment", "bad", "unknown label 'bad': use one of negative, neutral, positive"),
            ("sentiment", "", "has no sentiment yet"),
            ("threat", "9", "threat is '9': leave it empty, write 'yes', or the number"),
            ("threat", "1", "threat is '1'"),
            ("nth", "3", "'NATO' stands 1 time(s) in the sentence, not 3"),
            ("actor", "Nato", "'Nato' stands 0 time(s)"),
            ("done", "", "d:50: not marked as done"),
            ("number", "", "each actor needs a number of its own"),
        ],
    )
    def test_a_bad_row_is_named_and_the_good_are_kept(self, sheet, column, value, told):
        edit_cells(sheet, lambda r: r | {column: value} if r["sentence_id"] == "d:50" else r)
        kept, [problem] = self.read(sheet)
        assert kept == [EXAMPLE]
        assert problem.startswith("6: ")
        assert told in problem

    def test_a_person_can_add_an_actor(self, sheet):
        with sheet.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow(
                ["d:50", "", "", "2", "left", "", "", "1", "", "neutral", "", ""]
            )
        examples, problems = self.read(sheet)
        assert problems == []
        assert examples[1].actors == (
            Mention(0, 4, "NATO", (Act("drawdown"),)),
            Mention(5, 9, "left", (Act("cooperation", 0),)),
        )

    def test_an_office_program_sees_no_formula(self, tmp_path):
        example = Example("d:1", "d", 1, "", "-NATO left.", ())
        write(LabelTool.csv, tmp_path / "a.csv", [example])
        text = (tmp_path / "a.csv").read_text(encoding="utf-8-sig")
        assert text.splitlines()[1].split(",")[2] == " -NATO left."

    def test_another_table_is_refused(self, tmp_path):
        (tmp_path / "a.csv").write_text("a;b\n1;2\n", encoding="utf-8")
        with pytest.raises(ExchangeError, match="no column 'sentence_id'"):
            read(LabelTool.csv, tmp_path / "a.csv", [EXAMPLE])


class TestLabelStudio:
    @pytest.fixture
    def export(self, tmp_path):
        path = tmp_path / "export.json"
        write(LabelTool.label_studio, path, [EXAMPLE, OTHER])
        finish(LabelTool.label_studio, path)
        return path

    def problem(self, export):
        collected = read(LabelTool.label_studio, export, [EXAMPLE, OTHER])
        assert collected.examples == [EXAMPLE]
        [problem] = collected.problems
        assert problem.line == 2
        return problem.message

    def test_the_interface_is_written_beside_the_tasks(self, export):
        config = (export.parent / "label_studio.xml").read_text(encoding="utf-8")
        assert all(f'<Relation value="{label}"/>' in config for label in STANCES)

    def test_a_task_without_an_annotation(self, export):
        edit_task(export, 1, lambda task: task.update(annotations=[]))
        assert self.problem(export) == ("d:50: nobody has submitted an annotation: finish the task")

    def test_a_skipped_task(self, export):
        edit_task(export, 1, lambda task: task["annotations"][0].update(was_cancelled=True))
        assert "nobody has submitted" in self.problem(export)

    def test_two_peoples_annotations(self, export):
        edit_task(export, 1, lambda task: task["annotations"].append(task["annotations"][0]))
        assert "2 annotations" in self.problem(export)

    def test_an_unknown_label(self, export):
        def change(task):
            task["annotations"][0]["result"][1]["value"]["choices"] = ["menace"]

        edit_task(export, 1, change)
        assert "unknown label 'menace': use one of threat" in self.problem(export)

    def test_a_moved_span(self, export):
        def change(task):
            task["annotations"][0]["result"][0]["value"]["start"] = 1

        edit_task(export, 1, change)
        assert "said to read 'NATO' but reads 'ATO'" in self.problem(export)

    def test_an_actor_without_sentiment(self, export):
        def change(task):
            task["annotations"][0]["result"].pop()

        edit_task(export, 1, change)
        assert "'NATO' has no sentiment yet" in self.problem(export)

    def test_a_relation_alone_gives_the_stance(self, export):
        def change(task):
            result = task["annotations"][0]["result"]
            task["annotations"][0]["result"] = [r for r in result if r.get("from_name") != "stance"]

        edit_task(export, 0, change)
        [first, _] = read(LabelTool.label_studio, export, [EXAMPLE, OTHER]).examples
        assert first.actors[0] == IRAN
        assert first.actors[2].labels == {"cooperation"}

    def test_what_is_laid_out_otherwise_is_told(self, export):
        edit_task(export, 1, lambda task: task["annotations"][0].update(result=[{"a": 1}]))
        assert "not laid out as the tool exports it" in self.problem(export)


@pytest.mark.parametrize("tool", [LabelTool.doccano, LabelTool.prodigy], ids=lambda t: t.value)
class TestLines:
    def collect(self, tool, tmp_path, change):
        path = tmp_path / "export.jsonl"
        write(tool, path, [EXAMPLE, OTHER])
        finish(tool, path)
        edit_lines(path, lambda row: change(row) if row["text"] == OTHER.text else row)
        collected = read(tool, path, [EXAMPLE, OTHER])
        assert collected.examples == [EXAMPLE]
        [problem] = collected.problems
        assert problem.line == 2
        return problem.message

    def test_an_unknown_label(self, tool, tmp_path):
        key = "entities" if tool is LabelTool.doccano else "spans"

        def change(row):
            row[key][0]["label"] = "menace"
            return row

        assert "unknown label 'menace'" in self.collect(tool, tmp_path, change)

    def test_a_half_done_task(self, tool, tmp_path):
        key, told = ("entities", "no 'entities'") if tool is LabelTool.doccano else (
            "answer", "the answer is 'missing'"
        )  # fmt: skip

        def change(row):
            del row[key]
            return row

        assert told in self.collect(tool, tmp_path, change)


def test_a_line_that_is_no_json_is_told(tmp_path):
    path = tmp_path / "a.jsonl"
    write(LabelTool.doccano, path, [EXAMPLE])
    with path.open("a", encoding="utf-8") as file:
        file.write("{half\n")
    collected = read(LabelTool.doccano, path, [EXAMPLE])
    assert collected.examples == [EXAMPLE]
    assert [problem.line for problem in collected.problems] == [2]
