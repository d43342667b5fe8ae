from __future__ import annotations

import subprocess
import sys

from stance.text.language import warn_if_not

ENGLISH = "The army of the northern province said on Monday that it would leave the city."
GERMAN = "Die Truppen haben am Montag die Stadt verlassen, sagte der Sprecher der Regierung."
FRENCH = "Les troupes ont quitté la ville lundi, a déclaré le porte-parole du gouvernement."


def test_expected_language_draws_no_warning() -> None:
    assert warn_if_not(ENGLISH, "en") is None
    assert warn_if_not(GERMAN, "de") is None
    assert warn_if_not(ENGLISH, "en-GB") is None


def test_another_language_is_named() -> None:
    warning = warn_if_not(GERMAN, "en")
    assert warning is not None
    assert '"de"' in warning
    warning = warn_if_not(ENGLISH, "fr")
    assert warning is not None
    assert '"en"' in warning
    assert warn_if_not(FRENCH, "en") is not None


def test_short_texts_and_doubtful_ones_draw_no_warning() -> None:
    assert warn_if_not("Truppen verlassen die Stadt", "en") is None
    assert (
        warn_if_not("Iran, Israel, Hamas, Hezbollah, Fatah, Asa'ib Ahl al-Haq, Houthis", "en")
        is None
    )
    assert warn_if_not("12 345 " * 100, "en") is None


def test_empty_expectation_switches_the_check_off() -> None:
    assert warn_if_not(GERMAN, "") is None


def test_plain_english_never_loads_the_identifier() -> None:
    code = (
        "import sys\nfrom stance.text.language import warn_if_not\n"
        f"assert warn_if_not({ENGLISH!r}, 'en') is None\nassert 'py3langid' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
