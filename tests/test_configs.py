"""Every yaml composes with its schema: a wrong key or type stops here, not an hour into a run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

hydra = pytest.importorskip("hydra")

ROOT = Path(__file__).parent.parent
CONFIGS = ROOT / "configs"
ENTRIES = sorted(path.stem for path in CONFIGS.glob("*.yaml"))
OPTIONS = sorted(
    (path.parent.name, path.stem)
    for path in CONFIGS.glob("*/*.yaml")
    if path.parent.name != "hydra"
)


@pytest.fixture
def compose(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import _schema

    def settings(entry, *overrides):
        with hydra.initialize_config_dir(str(CONFIGS), version_base="1.3"):
            return _schema.settings_of(hydra.compose(entry, overrides=list(overrides)))

    yield settings
    sys.modules.pop("_schema", None)


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_entry_composes_into_its_settings(compose, entry):
    settings = compose(entry)
    assert type(settings).__name__ == f"{entry.capitalize()}Settings"


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_entry_holds_no_default_of_its_own(compose, entry):
    """What a bare entry composes to is what the settings classes say."""
    settings = compose(entry)
    assert settings == type(settings)()


@pytest.mark.parametrize("entry", ENTRIES)
def test_messages_stay_out_of_standard_output(entry):
    with hydra.initialize_config_dir(str(CONFIGS), version_base="1.3"):
        config = hydra.compose(entry, return_hydra_config=True)
    assert config.hydra.job_logging.handlers.console.stream == "ext://sys.stderr"


@pytest.mark.parametrize(("group", "option"), OPTIONS)
def test_every_option_composes(compose, group, option):
    compose("train", f"{group}={option}")


def test_every_script_has_its_config():
    without = {"_schema", "agreement", "collect", "validate"}
    scripts = {path.stem for path in (ROOT / "scripts").glob("*.py")}
    assert scripts - without == set(ENTRIES)


def test_options_mean_what_they_say(compose):
    assert compose("train", "reader=linear").reader.kind.value == "linear"
    assert compose("train", "reader.encoder=distilroberta-base").reader.encoder == (
        "distilroberta-base"
    )
    assert compose("train", "experiment=mpnet").reader.encoder == "mpnet"
    both = compose("train", "experiment=context", "debug=tiny")
    assert (both.reader.context, both.training.epochs) == (True, 1)


@pytest.mark.parametrize("override", ["sede=13", "training.learning_rate=fast", "reader=oracle"])
def test_a_wrong_key_or_value_is_refused(compose, override):
    with pytest.raises(Exception, match=r"sede|fast|oracle"):
        compose("train", override)
