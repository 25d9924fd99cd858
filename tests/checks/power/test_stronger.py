"""What a part calls proved beyond its own inequality implies it, and holds of what its checks draw."""

from dataclasses import replace

import pytest

from lazy_assay.checks.power.bench import benches, refuted
from lazy_assay.checks.power.stated import Stated, expression
from lazy_assay.checks.procedures.statement import sided
from lazy_assay.checks.vocabulary.check import Values
from lazy_assay.checks.vocabulary.distortion import Distortion
from lazy_assay.theory import Bound, claim, claims

STRONGER = [
    (of.id, part.name)
    for of in claims()
    for part in of.parts
    if isinstance(part, Bound) and part.stronger
]  # fmt: skip


def bound(id: str, name: str) -> Bound:
    part = claim(id).part(name)
    assert isinstance(part, Bound)
    return part


@pytest.mark.parametrize("id, name", STRONGER)
def test_a_stronger_inequality_implies_the_part_s_own(id: str, name: str) -> None:
    part = bound(id, name)
    stated, own = Stated(part), expression(part)
    assert own is not None
    assert stated.domain
    for stronger in part.stronger:
        for at in stated.domain:
            beyond = stated.number(own, at) - stated.number(sided(stronger.statement), at)
            assert (beyond if part.side == "below" else -beyond) >= 0


@pytest.mark.parametrize("id, name", STRONGER)
def test_no_draw_of_a_part_s_anchors_refutes_what_is_proved_beyond_it(id: str, name: str) -> None:
    part = bound(id, name)
    stated, own = Stated(part), expression(part)
    assert own is not None
    for stronger in part.stronger:
        proved = sided(stronger.statement)

        def tighter(value: float, values: Values, proved=proved) -> float:  # type: ignore[no-untyped-def]
            return value + stated.number(proved, values) - stated.number(own, values)

        for bench in benches(claim(id), part, "quick", 0):
            at_anchors = replace(bench.context.profile, examples=0)
            bench.context = replace(bench.context, profile=at_anchors, distort=Distortion(prediction=tighter))
            results = bench.task.run(bench.context)
            assert results
            assert refuted(results) is None
