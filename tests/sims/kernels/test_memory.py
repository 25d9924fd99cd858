from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from lazy_assay.sims.core.streams import Stream, stream_key
from lazy_assay.sims.kernels import KernelError, empirical_ntk


def smallest_limit(module: nn.Module, x: torch.Tensor, kind: str) -> int:
    """The one that the message of the error names."""
    with pytest.raises(KernelError, match="two points need") as caught:
        empirical_ntk(module, x, outputs=kind, memory_limit=1000)
    return int(str(caught.value).split()[-2])


IMAGES = nn.Sequential(
    nn.Conv2d(2, 5, 3, padding=1), nn.ReLU(), nn.Conv2d(5, 9, 3, groups=1), nn.Flatten(), nn.Linear(9, 2)
)


@pytest.mark.parametrize("kind", ["full", "each", "mean"])
@pytest.mark.parametrize("beside", [False, True])
def test_a_convolutional_kernel_is_the_same_in_blocks_of_any_size(kind: str, beside: bool) -> None:
    module, x = IMAGES.double(), Stream(stream_key(0, "images", {}, 0)).normal(23, 2, 3, 3)
    y = x[:9] + 1 if beside else None
    whole = empirical_ntk(module, x, y, outputs=kind)
    formed = empirical_ntk(module, x, y, outputs=kind, method="jacobian")
    assert (whole - formed).abs().max() < 1e-10 * formed.abs().max()
    least = smallest_limit(module, x, kind)
    for limit in (least, least + 100_000, least + 400_000):
        blocked = empirical_ntk(module, x, y, outputs=kind, memory_limit=limit)
        assert (whole - blocked).abs().max() < 1e-10 * formed.abs().max()


@pytest.mark.parametrize("beside", [False, True])
def test_an_empirical_kernel_streams_to_disk_and_does_not_count_there(beside: bool, tmp_path: Path) -> None:
    module, x = IMAGES.double(), Stream(stream_key(0, "images", {}, 0)).normal(23, 2, 3, 3)
    y = x[:9] + 1 if beside else None
    whole = empirical_ntk(module, x, y)
    least = smallest_limit(module, x[:1], "mean")
    got = empirical_ntk(module, x, y, memory_limit=least, folder=tmp_path)
    assert (whole - got).abs().max() < 1e-10 * whole.abs().max()
    assert [file.name for file in tmp_path.iterdir()] == ["ntk.npy"]
    with pytest.raises(KernelError, match=r"ntk\.npy is there already"):
        empirical_ntk(module, x, folder=tmp_path)
    with pytest.raises(KernelError, match="outputs='mean' alone"):
        empirical_ntk(module, x, outputs="full", folder=tmp_path)
