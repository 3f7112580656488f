"""An exercise may be named as people name it; what it means does not depend on how it is written."""

from __future__ import annotations

import pytest

from formcheck.evaluate.names import template_for, variants_for, words

KNOWN = [
    "lunge",
    "bridge",
    "single_leg_bridge",
    "plank_forearm",
    "plank_high",
    "figure4_seated",
    "figure4_supine",
    "leg_lift",
    "push_up",
    "squat",
]


@pytest.mark.parametrize(
    ("name", "template"),
    [
        ("lunge", "lunge"),
        ("Lunges", "lunge"),
        ("lunge (reverse)", "lunge"),
        ("lunge NOT LOW ENOUGH (error)", "lunge"),
        ("glute_bridge", "bridge"),
        ("single-leg glute bridge", "single_leg_bridge"),
        ("plank (forearm)", "plank_forearm"),
        ("High plank", "plank_high"),
        ("seated figure four", "figure4_seated"),
        ("Figure-4 stretch, supine", "figure4_supine"),
        ("leg_lift (double)", "leg_lift"),
        ("push-up", "push_up"),
        ("Push-ups", "push_up"),
        ("side plank", None),
        ("plank", None),
        ("walking", None),
        ("forearm plank and high plank", None),
    ],
)
def test_names_find_their_template(name: str, template: str | None) -> None:
    assert template_for(name, KNOWN) == template


def test_words_of_few_letters_and_double_s_stay() -> None:
    assert words("Press, bus, hips and 2 sets") == ("press", "bus", "hip", "and", "2", "set")


OFFERED = {"legs": ("single", "both"), "back_leg": ("knee_up", "knee_down")}


@pytest.mark.parametrize(
    ("name", "chosen", "variants"),
    [
        ("leg lift", None, {}),
        ("leg lift (double)", None, {"legs": "both"}),
        ("double leg lift", None, {}),
        ("leg lift", "both", {"legs": "both"}),
        ("stretch (knee down)", "single", {"legs": "single", "back_leg": "knee_down"}),
        ("lunge", "reverse", {}),
        ("leg lift (double)", {"legs": "single"}, {"legs": "single"}),
    ],
)
def test_variants_are_found_in_brackets_or_given(
    name: str, chosen: str | dict[str, str] | None, variants: dict[str, str]
) -> None:
    assert variants_for(name, chosen, OFFERED) == variants


def test_a_variant_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no variant legs=three; there are: legs=single, legs=both"):
        variants_for("leg lift", {"legs": "three"}, OFFERED)
