"""Functions, their votes, what becomes of them, and which sentences to review."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("crowdkit")
pytest.importorskip("yaml")

from stance.data.files import read_examples, write_examples
from stance.data.split import side
from stance.labelling.aggregate import dawid_skene, majority
from stance.labelling.functions import (
    LABELS,
    Candidate,
    FunctionError,
    ReaderFunction,
    Registry,
    SimpleFunction,
    load_functions,
    vote_of,
)
from stance.labelling.review import queue
from stance.labelling.run import LabelError, label, label_examples
from stance.labelling.suggest import candidates_of
from stance.labelling.votes import collect_votes, gold_matrix, worth
from stance.schema import Act, Example, Mention
from stance.settings import Aggregation, LabelSettings, LabelTool, QueueSettings, QueueStrategy

ROOT = Path(__file__).parents[2]
TEXT = "Iran struck Iraq."
CANDIDATE = candidates_of(
    Example("a", "a", 0, "", TEXT, (Mention(0, 4, "Iran"), Mention(12, 16, "Iraq")))
)[0]


def example(number, text=TEXT, *acts, sentiment="neutral"):
    return Example(f"d:{number}", "d", number, "", text, (Mention(0, 4, "Iran", acts, sentiment),))


def function(name, answers):
    """A function that answers by the last word of the sentence."""
    return SimpleFunction(name, lambda sentence, _: answers.get(sentence.text.split()[-1]))


class TestAnswers:
    @pytest.mark.parametrize(
        ("answer", "says", "targets"),
        [
            (None, {}, {}),
            ("threat", {"threat": True}, {}),
            ("not threat", {"threat": False}, {}),
            (["threat", "not drawdown"], {"threat": True, "drawdown": False}, {}),
            (Act("threat", 1), {"threat": True}, {"threat": {1}}),
            ({"negative"}, {"negative": True}, {}),
        ],
    )
    def test_mean_what_they_say(self, answer, says, targets):
        vote = vote_of(answer, CANDIDATE)
        assert (dict(vote.says), dict(vote.targets)) == (says, targets)

    @pytest.mark.parametrize(
        "answer", ["menace", "not neutral", Act("threat", 0), Act("threat", 2)]
    )
    def test_that_make_no_sense_are_told_with_function_and_sentence(self, answer):
        wrong = SimpleFunction("wrong", lambda *_: answer)
        with pytest.raises(FunctionError, match=r"'wrong': answers .* at 'Iran' in 'Iran struck"):
            wrong.votes([[CANDIDATE]])

    def test_a_function_that_fails_is_named(self):
        broken = SimpleFunction("broken", lambda *_: 1 / 0)
        with pytest.raises(FunctionError, match=r"'broken': division by zero"):
            broken.votes([[CANDIDATE]])

    def test_a_reader_speaks_on_every_label_and_names_targets(self, rule_reader):
        row = candidates_of(
            Example(
                "a",
                "a",
                0,
                "",
                "Iran threatened Iraq",
                (Mention(0, 4, "Iran"), Mention(16, 20, "Iraq")),
            )
        )
        [[first, second]] = ReaderFunction("rules", rule_reader).votes([row])
        assert dict(first.says) == dict.fromkeys(LABELS, False) | {"threat": True}
        assert first.targets == {"threat": {1}}
        assert not any(second.says.values())


class TestUserFunctions:
    def write(self, tmp_path, body):
        path = tmp_path / "mine.py"
        path.write_text(body, encoding="utf-8")
        return path

    def test_are_loaded_from_a_file_in_order(self, tmp_path):
        path = self.write(
            tmp_path,
            "from stance.labelling.functions import labelling_function\n"
            "@labelling_function\ndef one(sentence, mention):\n"
            "    return 'threat' if mention.after.startswith(' struck') else None\n"
            "@labelling_function\ndef two(sentence, mention):\n    return None\n",
        )
        one, two = load_functions(path)
        assert (one.name, two.name) == ("one", "two")
        assert one.votes([[CANDIDATE]])[0][0].says == {"threat": True}

    def test_a_file_that_fails_is_told(self, tmp_path):
        with pytest.raises(FunctionError, match=r"mine\.py does not load: ZeroDivisionError"):
            load_functions(self.write(tmp_path, "1 / 0"))

    def test_a_file_without_functions_is_told(self, tmp_path):
        with pytest.raises(FunctionError, match="marks no function"):
            load_functions(self.write(tmp_path, "x = 1"))

    def test_a_name_stands_once_and_can_be_left_out(self):
        registry = Registry()
        registry.add(function("a", {}))
        registry.add(function("b", {}))
        with pytest.raises(FunctionError, match="two labelling functions are called 'a'"):
            registry.add(function("a", {}))
        assert [f.name for f in registry.without(["a"])] == ["b"]
        with pytest.raises(FunctionError, match="no labelling function 'c'; there are a, b"):
            registry.without(["c"])


@pytest.fixture
def votes():
    """Four candidates: both yes; yes against no; one yes; nobody speaks. All on threat."""
    rows = [candidates_of(example(i, f"Iran struck {word}")) for i, word in enumerate("ABCD")]
    first = function("first", {"A": "threat", "B": "threat", "C": "threat"})
    second = function("second", {"A": "threat", "B": "not threat"})
    return collect_votes([first, second], rows)


def test_votes_are_counted_by_hand(votes):
    assert votes.says[:, :, 0].tolist() == [[1, 1, 1, -1], [1, 0, -1, -1]]
    gold = gold_matrix([Mention(0, 4, "Iran", (Act("threat"),)), Mention(0, 4, "Iran")])
    first, second = worth(votes, np.array([True, True, False, False]), gold)
    assert (first.coverage, first.overlap, first.conflict) == (0.75, 0.5, 0.25)
    assert (first.judged, first.yes, first.precision, first.accuracy) == (2, 3, 0.5, 0.5)
    assert (second.coverage, second.overlap, second.conflict) == (0.5, 0.5, 0.25)
    assert (second.judged, second.yes, second.precision, second.accuracy) == (2, 1, 1.0, 1.0)


def test_majority_counts_those_who_speak(votes):
    assert majority(votes).probabilities[:, 0].tolist() == [1.0, 0.5, 1.0, 0.0]
    assert majority(votes).probabilities[:, 1:].sum() == 0


def test_the_label_model_learns_whom_to_trust():
    """Two who agree outweigh one who says yes at random."""
    random = np.random.default_rng(3)
    truth = random.random(600) < 0.3
    rows = [candidates_of(example(i, f"Iran struck {i}")) for i in range(600)]

    def noisy(name, right):
        said = np.where(random.random(600) < right, truth, ~truth)
        return function(name, {str(i): "threat" if s else "not threat" for i, s in enumerate(said)})

    votes = collect_votes([noisy("good", 0.9), noisy("fair", 0.85), noisy("coin", 0.5)], rows)
    model = dawid_skene(votes)
    evidence = {weight.function: weight.evidence for weight in model.weights}
    assert min(evidence["good"], evidence["fair"]) > 1 > abs(evidence["coin"])
    right = {
        name: (aggregate.decisions[:, 0] == truth).mean()
        for name, aggregate in (("majority", majority(votes)), ("model", model))
    }
    assert right["model"] > right["majority"]


def test_a_label_that_nobody_names_is_not_borne(votes):
    assert dawid_skene(votes).probabilities[:, 1:].tolist() == [[0.0] * 4] * 4


def test_one_function_alone_is_taken_at_its_word():
    """Agreement says nothing of one function, so the label model leaves it to the majority."""
    rows = [candidates_of(example(i, f"Iran struck {word}")) for i, word in enumerate("ABC")]
    votes = collect_votes([function("only", {"A": "threat", "B": "not threat"})], rows)
    model = dawid_skene(votes)
    assert model.probabilities[:, 0].tolist() == [1.0, 0.0, 0.0]
    assert model.weights == ()


class TestSuggestions:
    def test_follow_the_votes_and_most_named_targets(self):
        whole = Example("d:0", "d", 0, "", TEXT, CANDIDATE.mentions)

        def says(name, *answer):
            return SimpleFunction(name, lambda _, m: answer if m.index == 0 else None)

        labelling = label_examples(
            [
                says("a", Act("threat", 1), "negative"),
                says("b", "threat"),
                says("c", "cooperation", "not threat"),
            ],
            [whole],
            [],
            Aggregation.majority,
        )
        [suggestion] = labelling.suggestions
        first, second = suggestion.example.actors
        assert [(a.label, a.target) for a in first.acts] == [("threat", 1), ("cooperation", None)]
        assert (first.sentiment, second.acts, second.sentiment) == ("negative", (), "neutral")
        assert first.probabilities["threat"] == pytest.approx(2 / 3)
        votes = suggestion.to_dict()["actors"][0]["votes"]
        assert votes["c"] == ["not threat", "cooperation"]

    def test_the_better_model_by_gold_is_chosen_and_both_are_scored(self):
        gold = [example(i, f"Iran struck {w}", *acts) for i, (w, acts) in enumerate(
            [("A", [Act("threat")]), ("B", []), ("C", [Act("threat")])])]  # fmt: skip
        report = label_examples(
            [function("f", {"A": "threat", "B": "not threat"})], [], gold
        ).report
        assert set(report.scores) == {"majority", "dawid_skene"}
        threat = report.scores["majority"].labels["threat"]
        assert (threat.precision, threat.recall, threat.support) == (1.0, 0.5, 2)
        assert report.scores["majority"].macro_f1 == pytest.approx(2 / 3)
        assert report.scores[report.chosen].macro_f1 == max(
            s.macro_f1 for s in report.scores.values()
        )


class TestQueue:
    @pytest.fixture
    def labelling(self):
        """Sentence 0 is undisputed, 1 disputed, 2 has no mention, 3 repeats 1 in other words."""
        empty = Example("d:2", "d", 2, "", "Nothing here.", ())
        fresh = [example(0, "Iran met one"), example(1, "Iran struck towns two"), empty,
                 example(3, "Iran struck towns two two")]  # fmt: skip
        yes = function("yes", {"two": "threat", "one": "threat"})
        no = function("no", {"two": "not threat"})
        return label_examples([yes, no], fresh, [], Aggregation.majority)

    def order(self, labelling, strategy, reviewed=(), size=10, **more):
        settings = QueueSettings(size=size, strategy=strategy, **more)
        return queue(labelling.suggestions, labelling.votes, list(reviewed), settings)

    @pytest.mark.parametrize("strategy", [QueueStrategy.disagreement, QueueStrategy.uncertainty])
    def test_the_disputed_come_first_and_the_empty_last(self, labelling, strategy):
        assert self.order(labelling, strategy) == [1, 3, 0, 2]

    def test_scarce_labels_come_first(self, labelling):
        assert self.order(labelling, QueueStrategy.scarcity)[0] == 0

    def test_diversity_passes_over_repetitions(self, labelling):
        assert {1, 3} == set(self.order(labelling, QueueStrategy.mixed, size=2, spread=0.0))
        assert {1, 3} != set(self.order(labelling, QueueStrategy.diversity, size=2))

    def test_size_is_kept(self, labelling):
        assert len(self.order(labelling, QueueStrategy.mixed, size=2)) == 2
        assert self.order(labelling, QueueStrategy.mixed, size=0) == []

    def test_random_order_follows_the_seed(self, labelling):
        orders = {tuple(self.order(labelling, QueueStrategy.random, seed=n)) for n in range(9)}
        assert len(orders) > 1
        assert self.order(labelling, QueueStrategy.random, seed=1) == self.order(
            labelling, QueueStrategy.random, seed=1
        )

    @pytest.mark.parametrize("strategy", list(QueueStrategy))
    def test_what_is_labelled_never_comes_again(self, labelling, strategy):
        by_id = example(1, "reworded")
        by_words = Example("other", "other", 0, "", "IRAN  met one", ())
        left = self.order(labelling, strategy, [by_id, by_words])
        assert sorted(left) == [2, 3]


class TestRun:
    @pytest.fixture
    def settings(self, tmp_path):
        (tmp_path / "a.txt").write_text(
            "Iran struck Iraq. Iran met Iraq. Rain fell.", encoding="utf-8"
        )
        return LabelSettings(
            paths=[str(tmp_path / "a.txt")],
            actors=["Iran", "Iraq"],
            readers=[],
            lexicon=ROOT / "seeds" / "lexicon",
            output=tmp_path / "out",
            tool=LabelTool.prodigy,
        )

    def test_leaves_labels_queue_and_report(self, settings):
        report = label(settings)
        [struck, met, rain] = read_examples([settings.output / "labelled.jsonl"])
        assert [a.acts for a in struck.actors] == [(Act("threat", 1),), ()]
        assert [a.labels for a in met.actors] == [{"cooperation"}, {"cooperation"}]
        assert (rain.actors, rain.offset) == ((), 33)
        assert len(read_examples([settings.output / "queue.jsonl"])) == 3
        assert (settings.output / "queue.prodigy.jsonl").exists()
        written = json.loads((settings.output / "report.json").read_text(encoding="utf-8"))
        assert (written["mentions"], written["queued"], written["scores"]) == (4, 3, {})
        assert report.suggested["threat"] == 1

    def test_reviewed_sentences_stay_out_of_the_queue(self, settings, tmp_path):
        label(settings)
        done = read_examples([settings.output / "queue.jsonl"])[:2]
        write_examples(tmp_path / "done.jsonl", done)
        settings.reviewed = [tmp_path / "done.jsonl"]
        assert label(settings).queued == 1

    def test_gold_is_scored_and_not_queued(self, settings, tmp_path):
        write_examples(tmp_path / "gold.jsonl", [example(1, "Iran struck it.", Act("threat"))])
        settings.gold, settings.paths = [tmp_path / "gold.jsonl"], []
        report = label(settings)
        assert (report.queued, report.gold_mentions) == (0, 1)
        assert report.scores["majority"].labels["threat"].f1 == 1.0

    def test_gold_can_be_one_side_of_the_split(self, settings, tmp_path):
        gold = [
            replace(example(i, "Iran struck it."), document=str(i), id=str(i)) for i in range(60)
        ]
        write_examples(tmp_path / "gold.jsonl", gold)
        settings.gold, settings.gold_side = [tmp_path / "gold.jsonl"], "dev"
        expected = [e for e in gold if side(e.document, settings.split) == "dev"]
        assert label(settings).gold_sentences == len(expected) > 0
        settings.gold_side = "devel"
        with pytest.raises(LabelError, match="name train, dev or test"):
            label(settings)

    def test_nothing_to_label_is_told(self):
        with pytest.raises(LabelError, match="name articles"):
            label(LabelSettings())

    def test_the_scripts_go_there_and_back(self, settings, tmp_path):
        pytest.importorskip("hydra")
        out = tmp_path / "cli"
        run = [sys.executable, "scripts/label.py", f"paths=[{settings.paths[0]}]", "readers=[]",
               "actors=[Iran,Iraq]", f"output={out}"]  # fmt: skip
        done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
        assert "3 sentences, 4 mentions" in done.stdout
        sheet = (out / "queue.csv").read_text(encoding="utf-8-sig")
        edited = sheet.replace("a.txt:0,,", "a.txt:0,x,", 1)
        (out / "queue.csv").write_text(edited, encoding="utf-8")
        back = [sys.executable, "scripts/collect.py", str(out / "queue.jsonl"),
                str(out / "queue.csv"), str(out / "labels.jsonl")]  # fmt: skip
        done = subprocess.run(back, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "1 sentences in" in done.stdout
        assert done.stderr.count("not marked as done") == 2


def test_a_candidate_knows_its_surroundings():
    second = Candidate(CANDIDATE.sentence, CANDIDATE.mentions, 1)
    assert (second.before, second.text, second.after) == ("Iran struck ", "Iraq", ".")
