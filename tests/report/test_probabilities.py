"""The page says what the probabilities are good for, and when no map is better than the score."""

import copy

import numpy as np
from scipy.special import expit, logit

from buysignal.core.files import stable
from buysignal.judge.calibration import calibrate, calibration_row
from buysignal.report.pages.probabilities import calibration_section
from tests.judge.examples import scored


def row(name="a50-2M-T8", days=400):
    rng = np.random.default_rng(3)
    score = expit(rng.normal(-0.5, 1.2, 2 * days))
    label = rng.random(2 * days) < expit(2 * logit(score) - 1)
    model = scored(label, score, np.repeat(["calibrate", "threshold"], days))
    return stable(calibration_row(name, "a50", calibrate(model, 1)))


def test_a_map_that_helps_is_shown_beside_the_score_itself():
    found = row()
    text = "\n".join(calibration_section([found]))
    chosen, before = found["judged"][found["chosen"]], found["judged"]["none"]
    assert found["chosen"] != "none" and "A map lowers the log loss of 1 of 1 contenders." in text
    line = next(line for line in text.splitlines() if line.startswith("| a50-2M-T8"))
    assert [cell.strip() for cell in line.split("|")[2:5]] == [
        found["chosen"],
        f"{chosen['log_loss']:.3f}",
        f"{before['log_loss']:.3f}",
    ]
    assert "Decisions to buy are made on the raw score" in text and "| 10 of 10 |" in text


def test_it_says_when_no_map_beats_the_score():
    found = row() | {"chosen": "none", "reason": "no map beats the score itself"}
    assert any("No map beats the score itself for any contender" in part for part in calibration_section([found]))
    both = calibration_section([row(), found])
    assert any("of 1 of 2 contenders; for 1 no map beats the score itself" in part for part in both)


def test_probabilities_outside_their_intervals_are_not_to_be_used():
    good, bad = row(), copy.deepcopy(row())
    for b in bad["judged"][bad["chosen"]]["bins"][:2]:
        b["predicted"] = 0.99
    assert "these days give no reason against it" in calibration_section([good])[-2]
    assert "In 2 of 10 bins" in calibration_section([bad])[-2]
    assert "do not size a position by it" in calibration_section([bad])[-2]


def test_no_selected_model_and_no_judged_map_are_sentences():
    assert calibration_section([])[1:] == ["No contender has an operating point, so there is nothing to calibrate."]
    few = calibration_section([row(days=20)])
    assert "No map could be judged" in few[2] and "20 days of role calibrate are too few" in few[3]
    assert not any("None" in part or "nan" in part for part in few)
