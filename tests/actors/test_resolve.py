"""Who the mentions stand for: each case is a short text with its mentions marked by [brackets]."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance.actors.resolve import LocatedMention, resolve


def located(marked: str) -> tuple[str, list[LocatedMention]]:
    """The text and mentions of "[Iran] warned [Israel].| [It] left."; "|" ends a sentence."""
    text, spans, sentences, start = "", [], [], 0
    for piece in re.split(r"([\[\]|])", marked):
        if piece == "[":
            start = len(text)
        elif piece == "]":
            spans.append((start, len(text)))
        elif piece == "|":
            sentences.append((sentences[-1][1] if sentences else 0, len(text)))
        else:
            text += piece
    sentences.append((sentences[-1][1] if sentences else 0, len(text)))
    trimmed = [(s + len(text[s:e]) - len(text[s:e].lstrip()), e) for s, e in sentences]
    return text, [
        LocatedMention(start, end, next(s for s in trimmed if s[0] <= start < s[1]))
        for start, end in spans
    ]


def actors(marked: str) -> list[str]:
    return resolve(*located(marked))


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[U.S.] and [US] and [the United States] and [America]", ["United States"] * 4),
        ("[Washington] spoke to [Moscow] and the [Kremlin]", ["United States", "Russia", "Russia"]),
        ("[ISIS], [Isis], [ISIL], [Daesh] and [Da’esh]", ["Islamic State"] * 5),
        ("the [Islamic State group] and the [ISIL terrorist group]", ["Islamic State"] * 2),
        ("the [Syrian government] and [government of Syria]", ["Syria"] * 2),
        ("a [Turkish]-led raid by [Turkey’s army]", ["Turkey", "Turkey’s army"]),
    ],
)
def test_states_and_groups_have_one_name_everywhere(marked: str, expected: list[str]) -> None:
    assert actors(marked) == expected


@pytest.mark.parametrize(
    "marked",
    ["[U.S. forces] and [American troops]", "[US military] and [American soldiers]"],
)
def test_a_states_forces_are_one_actor(marked: str) -> None:
    assert actors(marked) == ["U.S. forces", "U.S. forces"]


def test_forces_with_a_name_of_their_own_stay_apart() -> None:
    marked = "[Iraqi forces], the [Iraqi Security Forces] and [Iraqi special forces]"
    assert actors(marked) == ["Iraqi forces", "Iraqi Security Forces", "Iraqi special forces"]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[Papua New Guinea] and [Guinea]", ["Papua New Guinea", "Guinea"]),
        ("[Equatorial Guinea] and [Guinea]", ["Equatorial Guinea", "Guinea"]),
        ("[Guinea-Bissau] and [Guinean troops]", ["Guinea-Bissau", "Guinean forces"]),
        ("[New Caledonia] and [Caledonia]", ["New Caledonia", "Caledonia"]),
        ("[Sierra Leone] left.| [He] stayed.", ["Sierra Leone", "he"]),
        ("[Proud Boys] left.| [He] stayed.", ["Proud Boys", "he"]),
        ("[White Helmets] left.| [He] stayed.", ["White Helmets", "he"]),
        ("[Buenos Aires] left.| [Aires] stayed.", ["Argentina", "Aires"]),
        ("the [WHO] and the [World Health Organization]", ["World Health Organization"] * 2),
        ("judges in [The Hague] and the [Netherlands]", ["The Hague", "Netherlands"]),
        (
            "[KIM] met [Kim Jong Un].| The [UN] left.",
            ["Kim Jong Un", "Kim Jong Un", "United Nations"],
        ),
        (
            "[Kim Jong Un] met [U.N. officials].| [Un] left.",
            ["Kim Jong Un", "U.N. officials", "Kim Jong Un"],
        ),
    ],
)
def test_places_and_bodies_are_neither_persons_nor_one_another(
    marked: str, expected: list[str]
) -> None:
    assert actors(marked) == expected


@pytest.mark.parametrize("article", ["an", "An", "one", "another"])
def test_a_single_person_is_not_the_state(article: str) -> None:
    marked = f"{article} [American] was killed by a [Russian] and a [Turkish]-led unit"
    assert actors(marked) == ["American", "Russian", "Turkey"]


def test_an_adjective_that_names_no_person_is_the_state() -> None:
    assert actors("a [Turkish] invasion, a [Houthi] and a [Lebanese]") == [
        "Turkey",
        "Houthi",
        "Lebanese",
    ]


def test_a_people_is_the_state_only_with_the_article() -> None:
    assert actors("two [Americans] met the [Russians]") == ["Americans", "Russia"]


def test_spelling_variants_take_the_most_frequent_form() -> None:
    marked = "[Coalition] jets.| The [coalition] and the [coalition] and [Coalition]-led troops."
    assert actors(marked) == ["coalition"] * 4


def test_acronym_defined_in_brackets() -> None:
    marked = "the [Syrian Democratic Forces] (SDF) said.| [SDF] left."
    assert actors(marked) == ["Syrian Democratic Forces"] * 2


def test_acronym_defined_where_the_long_form_is_no_mention() -> None:
    marked = "Troops of the Popular Mobilisation Forces (PMF) came.| The [PMF] left."
    assert actors(marked) == ["Popular Mobilisation Forces"]


def test_acronym_in_brackets_that_are_not_its_initials() -> None:
    marked = "the [People’s Protection Units] (YPG) met [the YPG]"
    assert actors(marked) == ["People’s Protection Units"] * 2


def test_acronym_by_initials_of_the_only_name_that_fits() -> None:
    assert actors("[Iraqi Security Forces] left.| The [ISF] stayed.") == [
        "Iraqi Security Forces",
        "Iraqi Security Forces",
    ]


def test_acronym_that_two_names_fit_stays_apart() -> None:
    marked = "[Iraqi Security Forces], [Israeli Special Forces] and [ISF]"
    assert actors(marked)[2] == "ISF"


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("Maj. Gen. [Kenneth Ekman] left.| [Ekman] said no.", "Kenneth Ekman"),
        ("[Bashar al-Assad] left.| [Assad] said no.", "Bashar al-Assad"),
        ("[Staffan de Mistura] left.| [De Mistura] said no.", "Staffan de Mistura"),
        ("[Recep Tayyip Erdoğan] left.| [Erdogan] said no.", "Recep Tayyip Erdoğan"),
        ("[Mr Ekman] said no.| [Kenneth Ekman] left.", "Kenneth Ekman"),
        ("[U.S. President Joe Biden] left.| [Biden] said no.", "Joe Biden"),
        ("[North Korean General Pak Jong] left.| [Pak] said no.", "Pak Jong"),
        ("[Donald J. Trump] left.| [Donald John Trump] said no.", "Donald John Trump"),
    ],
)
def test_surname_is_the_full_name(marked: str, expected: str) -> None:
    assert actors(marked) == [expected, expected]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[Hafez al-Assad] and [Bashar al-Assad] and [Assad]", "Assad"),
        ("[Kata’ib Hezbollah] and [Hezbollah]", "Hezbollah"),
        ("[Russian Foreign Ministry] and [Ministry]", "Ministry"),
        ("[Assad regime] and [Assad]", "Assad"),
        ("[George W. Bush] and [George H. W. Bush]", "George H. W. Bush"),
        ("[George W. Bush], [George H.W. Bush] and [Bush]", "Bush"),
        ("[Donald Trump], [Donald Trump Jr.] and [Trump]", "Trump"),
        ("[Bashar al-Assad], his [brother Maher al-Assad] and [Assad]", "Assad"),
        ("his [brother Maher al-Assad] and [Assad]", "Assad"),
    ],
)
def test_names_that_may_be_another_stay_apart(marked: str, expected: str) -> None:
    found = actors(marked)
    assert found[-1] == expected
    assert expected not in found[:-1]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        # the only person the sentence has named
        ("[Kenneth Ekman] said [he] would leave.", "Kenneth Ekman"),
        # outside the quotation, who spoke in the sentence before
        ("[Kenneth Ekman] said no.| “[Qassem Soleimani] is dead,” [he] said.", "Kenneth Ekman"),
        # who was killed in between leaves it open who speaks
        ("[Kenneth Ekman] said so.| Jets killed [Qassem Soleimani].| “Yes,” [he] said.", "he"),
        # opens the next sentence
        ("The [deputy commander] flew in.| [He] had a map.", "deputy commander"),
        # two persons, either may be meant
        ("[Donald Trump] told [Vladimir Putin] that [he] would leave.", "he"),
        # the object of a clause is not its subject
        ("The [president] overruled [him].", "he"),
        # a lone capitalised name may be a person, or not
        ("[Hamas] fired rockets.| [He] left.", "he"),
        # an earlier "he" that may be somebody else
        ("[Kenneth Ekman] met [Donald Trump] as [he] left.| “Yes,” [he] said.", "he"),
        ("When [he] fled, [Joseph Estrada] came to celebrate.| “I swore,” [he] says.", "he"),
        ("[He] laughs, three days before [Joseph Estrada] came.| “[I] swore,” [he] says.", "he"),
        # deep in a sentence that may have a subject of its own
        ("[Kenneth Ekman] said so.| The suspected recruiter was held there when [he] ran.", "he"),
    ],
)
def test_he(marked: str, expected: str) -> None:
    assert actors(marked)[-1] == expected


def test_she_is_not_who_he_was() -> None:
    marked = "[Kenneth Ekman] left.| [He] flew.| [Florence Parly] met [Ekman].| [She] smiled."
    assert actors(marked) == [
        "Kenneth Ekman",
        "Kenneth Ekman",
        "Florence Parly",
        "Kenneth Ekman",
        "Florence Parly",
    ]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("“[I] will go,” [Kenneth Ekman] said.", "Kenneth Ekman"),
        ("“[We] will go,” [Kenneth Ekman] said.", "we (Kenneth Ekman)"),
        ("“[We] will go,” said Gen. [Kenneth Ekman].", "we (Kenneth Ekman)"),
        ("“[We] will go,” [Iran] said.", "Iran"),
        ("“[We] will go,” he hears.", "we"),
        ("“[I] go,” [he] says.", "I"),
        ("[We] will go, [Kenneth Ekman] said.", "we"),
        ("“[We] will go,” [Iran] said and [Israel] said.", "we"),
    ],
)
def test_first_person_is_the_speaker(marked: str, expected: str) -> None:
    assert actors(marked)[0] == expected


def test_a_quotation_goes_on_after_its_speaker() -> None:
    marked = "“No,” [Kenneth Ekman], deputy commander, said.| “[We] will go.”"
    assert actors(marked)[-1] == "we (Kenneth Ekman)"


def test_two_speakers_sides_are_two_actors() -> None:
    marked = "“[We] go,” [Kenneth Ekman] said.|\n“[We] stay,” [Florence Parly] said."
    assert [actors(marked)[0], actors(marked)[2]] == ["we (Kenneth Ekman)", "we (Florence Parly)"]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[British jihadists] fled to Syria, where [they] hid.", "British jihadists"),
        ("[Turkey] says [it] will stay.", "Turkey"),
        ("[Turkey] and [Iran] say [they] will stay.", "they"),
        ("[Rebels] left.| [They] hid.", "they"),
        ("In battles with [regime forces] [they] hid.", "they"),
        ("[Rebels] said [it] rained.", "it"),
        ("[US] and [us]", "we"),
    ],
)
def test_they_and_it_only_where_one_actor_fits(marked: str, expected: str) -> None:
    assert actors(marked)[-1] == expected


def test_unsettled_pronouns_share_one_form() -> None:
    assert actors("[They] saw [them].| Nobody saw [me].") == ["they", "they", "I"]


def test_answers_come_in_the_order_asked() -> None:
    text, mentions = located("[Kenneth Ekman] said [he] met [NATO].")
    assert resolve(text, mentions[::-1]) == ["NATO", "Kenneth Ekman", "Kenneth Ekman"]


def test_no_mentions() -> None:
    assert resolve("Nothing happened.", []) == []


@given(
    st.lists(
        st.one_of(
            st.text(max_size=12),
            st.sampled_from(
                ["he", "“", "”", '"', "we", "SDF", "(SDF)", "Kenneth Ekman", "Ekman", "said", "\n"]
            ),
        ),
        max_size=20,
    )
)
def test_any_text_gives_a_name_to_every_mention(words: list[str]) -> None:
    text = " ".join(words)
    spans = [match.span() for match in re.finditer(r"\S+(?: \S+)?", text)]
    found = resolve(text, [LocatedMention(start, end, (0, len(text))) for start, end in spans])
    assert len(found) == len(spans)
    assert all(name.strip() for name in found)
