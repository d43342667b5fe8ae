"""What stance judges: the labels, their fixed order, and their kin in the event ontologies.

The order of each tuple is the order of the columns in every array, model head and file of the
project. What the labels mean is said by ``seeds/CODEBOOK.md``.
"""

from __future__ import annotations

from typing import Final

CODEBOOK_VERSION: Final = "1.3"

STANCES: Final = ("threat", "cooperation", "drawdown")
SENTIMENTS: Final = ("negative", "neutral", "positive")
NEUTRAL: Final = "neutral"

#: Tags of the mention finder: outside, first piece and inner piece of an actor.
ACTOR_TAGS: Final = ("O", "B", "I")

#: PLOVER event types nearest to each stance (https://github.com/openeventdata/PLOVER).
PLOVER: Final = {
    "threat": ("THREATEN", "MOBILIZE", "COERCE", "SANCTION", "ASSAULT"),
    "cooperation": ("AGREE", "CONSULT", "SUPPORT", "COOPERATE", "AID"),
    "drawdown": ("RETREAT", "CONCEDE"),
}

#: CAMEO root codes nearest to each stance (Schrodt 2012, CAMEO codebook 1.1b3).
CAMEO: Final = {
    "threat": ("13", "15", "16", "17", "18", "19", "20"),
    "cooperation": ("03", "04", "05", "06", "07"),
    "drawdown": ("08", "085", "086", "087"),
}
