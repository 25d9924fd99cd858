import numpy as np

from lazy_assay.checks.configurations.points import points
from lazy_assay.theory import PointSet, Rectangular, Vector, materialise
from lazy_assay.theory.fang2021 import eq9, eq24


def test_weights_data_and_centres_of_a_drawn_point_have_the_sizes_that_they_share() -> None:
    part = eq9.CLAIM.part("expanded")
    assert part.published
    for point in points(part, part.published, key=3, count=3):
        assert len(point["theta"]) == len(point["u"])
        assert len(point["points"]) == len(point["labels"])
        assert point["theta"].shape[1] == point["points"].shape[1] == point["centres"].shape[1]


def test_a_width_that_no_array_has_is_drawn_like_any_other_number() -> None:
    part = eq24.CLAIM.part("independent")
    assert part.published
    assert len({point["m"] for point in points(part, part.published, key=3, count=12)}) > 3


def test_weights_and_targets_are_made_from_their_names() -> None:
    domains = {"theta": PointSet("m", "d"), "u": Vector("m"), "targets": Rectangular("n", "k")}
    texts = {"theta": "gaussian:1", "u": "ones", "targets": "gaussian:2"}
    values = materialise({"m": 4, "d": 3, "n": 5, "k": 2, **texts}, domains)
    assert values["theta"].shape == (4, 3)
    assert np.array_equal(values["u"], np.ones(4))
    assert values["targets"].shape == (5, 2)
