import numpy as np
import pytest
from torch._subclasses.fake_tensor import FakeTensorMode

from lazy_assay.sims.core.streams import Stream


@pytest.mark.parametrize("shape", [(), (1,), (1, 1), (2, 1), (0,)])
def test_a_constant_lives_on_the_stream_s_device_be_it_of_one_element(shape: tuple[int, ...], standin: str) -> None:
    with FakeTensorMode():
        constant = Stream(0, standin).constant(np.ones(shape))
    assert (constant.device.type, tuple(constant.shape)) == (standin, shape)


def test_a_constant_keeps_every_bit_and_shares_no_memory() -> None:
    values = np.array([[1 / 3, -0.0]])
    constant = Stream(0).constant(values)
    values[:] = 0
    assert constant.numpy().tobytes() == np.array([[1 / 3, -0.0]]).tobytes()
