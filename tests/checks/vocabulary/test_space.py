from lazy_assay.checks import Between, Space
from lazy_assay.checks.vocabulary.profiles import PROFILES

SPACE = Space(draws={"d": Between(1, 3)}, anchors=({"d": 2},), further=({"d": 3},))


def test_further_anchors_are_left_to_thorough_profiles() -> None:
    run = {name: SPACE.anchored(profile) for name, profile in PROFILES.items()}
    assert run == {"quick": ({"d": 2},), "full": ({"d": 2}, {"d": 3}), "nightly": ({"d": 2}, {"d": 3})}
