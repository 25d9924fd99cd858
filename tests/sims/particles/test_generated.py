import torch

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.particles.generated import AutoEncoder, normal_alike, resampled

CODE = AutoEncoder(latent=2, hidden=16, batch=100, steps=400, step_size=0.01)


def clusters(stream: Stream, count: int) -> torch.Tensor:
    """Two trials of points near (3, 1, 0) and (−1, 1, 0), in equal parts."""
    near = 0.1 * stream.normal(2, count, 3) + torch.tensor([1.0, 1.0, 0.0], dtype=torch.float64)
    return near + 2 * torch.sign(stream.uniform(2, count, 1)) * torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64)


def between(weights: torch.Tensor) -> torch.Tensor:
    """Share of weights that are near neither cluster."""
    return ((weights[..., 0] - 1).abs() < 1.5).to(torch.float64).mean(-1)


def test_an_auto_encoder_keeps_clusters_apart_that_normal_weights_fill() -> None:
    stream = Stream(3)
    samples = clusters(stream, 400)
    made = CODE.generated(stream, samples, 500)
    assert between(made).max() < 0.3
    assert between(normal_alike(stream, samples, 500)).min() > 0.4
    assert ((made[..., 0] > 1).to(torch.float64).mean(-1) - 0.5).abs().max() < 0.15
    assert (made.mean(1) - samples.mean(1)).abs().max() < 0.3


def test_trials_share_no_auto_encoder() -> None:
    samples = clusters(Stream(3), 50)
    moved = torch.stack([samples[0], samples[1] + 5])
    first, second = (CODE.generated(Stream(4), told, 20) for told in (samples, moved))
    assert torch.equal(first[0], second[0])
    assert not torch.equal(first[1], second[1])


def test_normal_weights_have_the_mean_and_the_covariance_of_the_samples() -> None:
    samples = clusters(Stream(5), 30)
    made = normal_alike(Stream(6), samples, 40_000)
    for wanted, found in zip(samples, made, strict=True):
        assert (found.mean(0) - wanted.mean(0)).abs().max() < 0.05
        assert (found.T.cov(correction=0) - wanted.T.cov(correction=0)).abs().max() < 0.1


def test_resampled_weights_are_all_the_samples_before_any_comes_again() -> None:
    samples = clusters(Stream(7), 10)
    made = resampled(Stream(8), samples, 15)
    assert torch.equal(made[0, :10].sort(0).values, samples[0].sort(0).values)
    assert torch.equal(made[:, 10:], made[:, :5])
