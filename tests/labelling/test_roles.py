"""Who does what: one plain sentence per way of saying it, actors in brackets."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

pytest.importorskip("yaml")

from stance.labelling.functions import LABELS, Candidate
from stance.labelling.lexicon import LexiconError, inflected, load, match_at, plural
from stance.labelling.shipped import lexicon_functions
from stance.ontology import PLOVER
from stance.schema import Mention, Sentence

FOLDER = Path(__file__).parents[2] / "seeds" / "lexicon"


@cache
def lexicon():
    return load(FOLDER)


def read(marked):
    """What each function says of each bracketed actor: {actor: {function: {label: targets}}}."""
    spans = [
        (m.start() - 2 * i, m.end() - 2 * i - 2)
        for i, m in enumerate(re.finditer(r"\[.*?\]", marked))
    ]
    text = re.sub(r"[\[\]]", "", marked)
    mentions = tuple(Mention(*span, text[slice(*span)]) for span in spans)
    row = [Candidate(Sentence(text), mentions, i) for i in range(len(mentions))]
    said = {mention.text: {} for mention in mentions}
    for function in lexicon_functions(lexicon()):
        if function.name == "untriggered":
            continue
        [votes] = function.votes([row])
        for mention, vote in zip(mentions, votes, strict=True):
            found = {
                label if yes else f"not {label}": sorted(
                    mentions[i].text for i in vote.targets.get(label, ())
                )
                for label, yes in vote.says.items()
            }
            if found:
                said[mention.text][function.name] = found
    return said


@pytest.mark.parametrize(
    ("sentence", "actor", "function", "said"),
    [
        ("[Iran] struck [Israel].", "Iran", "active", {"threat": ["Israel"]}),
        ("[Iran] struck [Israel].", "Israel", "undergone", {"not threat": []}),
        ("[Israel] was struck by [Iran].", "Iran", "passive", {"threat": ["Israel"]}),
        ("[Israel] was struck by [Iran].", "Israel", "undergone", {"not threat": []}),
        ("[Iran] has threatened to strike [Israel].", "Iran", "active", {"threat": ["Israel"]}),
        ("[Iran] and [Iraq] attacked [NATO].", "Iraq", "active", {"threat": ["NATO"]}),
        ("[Rebels] in the north killed [soldiers].", "Rebels", "active", {"threat": ["soldiers"]}),
        ("[Iran] met [Iraq] and shelled [Israel].", "Iran", "mutual", {"cooperation": ["Iraq"]}),
        ("[Iran] met [Iraq] and shelled [Israel].", "Iran", "active", {"threat": ["Israel"]}),
        ("[Iran] met [Iraq].", "Iraq", "mutual", {"cooperation": ["Iran"]}),
        ("[Iran] and [Iraq] signed a treaty.", "Iran", "mutual", {"cooperation": ["Iraq"]}),
        ("Talks between [Iran] and [Iraq] began.", "Iraq", "mutual", {"cooperation": ["Iran"]}),
        ("[Turkey]'s offensive began.", "Turkey", "nominal", {"threat": []}),
        ("The [US] withdrawal began.", "US", "nominal", {"drawdown": []}),
        ("[Iran] launched an attack on [Iraq].", "Iran", "nominal", {"threat": ["Iraq"]}),
        ("[Iran] halted its strikes.", "Iran", "stopped", {"drawdown": []}),
        ("[Iran] refused to withdraw.", "Iran", "negated", {"not drawdown": []}),
        ("[Iran] has not attacked [Iraq].", "Iran", "negated", {"not threat": []}),
        ("It will answer if [Iran] attacks.", "Iran", "conditional", {"not threat": []}),
        ("[Iran] urged [Iraq] to withdraw.", "Iraq", "demanded", {"not drawdown": []}),
        ("[Iran] accused [Iraq] of shelling towns.", "Iraq", "active", {"threat": []}),
        ("[France] pulled its [troops] out.", "troops", "active", {"drawdown": []}),
        ("The [gunners] were withdrawn.", "gunners", "passive", {"drawdown": []}),
        ("[They] attacked alongside [NATO].", "NATO", "mutual", {"cooperation": []}),
        ("“[We] will attack,” [Smith] said.", "Smith", "speaker", {"threat": []}),
        ("The brutal [militia] left.", "militia", "tone", {"negative": []}),
    ],
)  # fmt: skip
def test_a_way_of_saying_who_does_what(sentence, actor, function, said):
    assert read(sentence)[actor].get(function) == said


@pytest.mark.parametrize(
    ("sentence", "actor"),
    [
        ("[Iran] was struck by [Iraq].", "Iran"),
        ("[Iran] condemned [Israel].", "Iran"),
        ("[Iran] held the town.", "Iran"),
        ("The captured rifles of [Iran] were old.", "Iran"),
    ],
)
def test_nothing_is_said_for_a_stance_that_nobody_takes(sentence, actor):
    found = read(sentence)[actor]
    assert not {"active", "passive", "nominal", "mutual", "stopped", "speaker"} & set(found)


def test_words_that_show_no_stance_speak_against_all():
    [untriggered] = [f for f in lexicon_functions(lexicon()) if f.name == "untriggered"]
    row = [Candidate(Sentence("Iran is large."), (Mention(0, 4, "Iran"),), 0)]
    assert untriggered.votes([row])[0][0].says == dict.fromkeys(LABELS[:3], False)


def test_the_shipped_lexicon_names_its_kin():
    assert len(lexicon().entries) > 800
    for entry in lexicon().entries:
        if entry.plover:
            allowed = {*PLOVER[entry.stance], "COERCE"}
            assert entry.plover in allowed, entry


@pytest.mark.parametrize(
    ("verb", "forms"),
    [
        ("attack", {"attack", "attacks", "attacked", "attacking"}),
        ("seize", {"seize", "seizes", "seized", "seizing"}),
        ("occupy", {"occupy", "occupies", "occupied", "occupying"}),
        ("deploy", {"deploy", "deploys", "deployed", "deploying"}),
    ],
)
def test_verbs_are_inflected(verb, forms):
    assert set(inflected(verb, {})) == forms


def test_irregular_verbs_follow_their_list():
    assert set(inflected("ban", {"ban": ("banned", "banned")})) == {
        "ban", "bans", "banned", "banning",
    }  # fmt: skip
    assert (plural("ally"), plural("clash")) == ("allies", "clashes")


def test_a_gap_holds_up_to_four_words():
    words = ["lift", "a", "b", "c", "d", "siege"]
    assert match_at(words, 0, ("lift", "...", "siege")) == 6
    assert match_at(["lift", "x", *words[1:]], 0, ("lift", "...", "siege")) is None
    assert match_at(["lift", ",", "siege"], 0, ("lift", "...", "siege")) is None


def test_a_folder_without_lexicon_is_told(tmp_path):
    with pytest.raises(LexiconError, match=r"no irregular\.yaml"):
        load(tmp_path)
