"""New weights from a law that is known by samples: a variational auto-encoder, and normal weights with its moments.

Kingma, Welling 2013, as Fang, Dong, Zhang 2021, section VI, take it: "the transform from the standard normal
distribution to the target distribution". All is batched over a leading axis of trials, which share nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Tensor

    Layer = tuple[Tensor, Tensor]


class AutoEncoder(NamedTuple):
    """A hidden layer of tanh neurons on either side of `latent` normal ones, fitted by so many steps of Adam.

    Numbers alone, so that it can be an argument of a simulation.
    batch: samples a step, drawn with replacement. The samples' residual about the decoder's output is normal with one
    variance for all entries, which is fitted too.
    """

    latent: int
    hidden: int
    batch: int
    steps: int
    step_size: float

    def generated(self, stream: Stream, samples: Tensor, count: int) -> Tensor:
        """Fits samples (trials, N, D), returns the decoder's outputs at `count` normal points, (trials, count, D)."""
        mean = samples.mean(-2, keepdim=True)
        scale = (samples - mean).square().mean((-2, -1), keepdim=True).sqrt()
        code = self._fitted(stream, (samples - mean) / scale)
        found: Tensor = mean + scale * code.decoded(stream.normal(len(samples), count, self.latent)).detach()
        return found

    def _fitted(self, stream: Stream, samples: Tensor) -> _Code:
        trials, count, D = samples.shape
        code = _Code.drawn(stream, trials, D, self.hidden, self.latent)
        optimiser = torch.optim.Adam(code.leaves(), lr=self.step_size)
        for _ in range(self.steps):
            chosen = ((stream.uniform(trials, self.batch) + 1) / 2 * count).long().clamp_max(count - 1)
            batch = samples.gather(1, chosen[..., None].expand(-1, -1, D))
            noise = stream.normal(trials, self.batch, self.latent)
            with torch.enable_grad():
                optimiser.zero_grad()
                code.bound(batch, noise).sum().backward()
            optimiser.step()
        return code


@dataclass(frozen=True)
class _Code:
    """Encoder D → hidden → (mean, log variance), decoder latent → hidden → D, and the residual's log variance."""

    inwards: tuple[Layer, Layer]
    outwards: tuple[Layer, Layer]
    residual: Tensor

    @classmethod
    def drawn(cls, stream: Stream, trials: int, D: int, hidden: int, latent: int) -> _Code:
        def layer(fan_in: int, fan_out: int) -> Layer:
            weight = stream.normal(trials, fan_in, fan_out) / fan_in**0.5
            return weight.requires_grad_(), torch.zeros_like(weight[:, :1]).requires_grad_()

        inwards = layer(D, hidden), layer(hidden, 2 * latent)
        outwards = layer(latent, hidden), layer(hidden, D)
        return cls(inwards, outwards, torch.zeros_like(outwards[0][1][:, 0, :1]).requires_grad_())

    def leaves(self) -> list[Tensor]:
        return [*(value for layer in (*self.inwards, *self.outwards) for value in layer), self.residual]

    def decoded(self, z: Tensor) -> Tensor:
        return _through(self.outwards, z)

    def bound(self, x: Tensor, noise: Tensor) -> Tensor:
        """Minus the evidence's lower bound, up to a constant: mean over samples, (trials,)."""
        mean, log_variance = _through(self.inwards, x).chunk(2, dim=-1)
        distance = (x - self.decoded(mean + (log_variance / 2).exp() * noise)).square().sum(-1)
        divergence = (mean.square() + log_variance.exp() - log_variance - 1).sum(-1)
        misfit = distance * (-self.residual).exp() + x.shape[-1] * self.residual
        told: Tensor = (misfit + divergence).mean(-1) / 2
        return told


def _through(layers: tuple[Layer, Layer], x: Tensor) -> Tensor:
    (first, shift), (second, rise) = layers
    told: Tensor = torch.tanh(x @ first + shift) @ second + rise
    return told


def normal_alike(stream: Stream, samples: Tensor, count: int) -> Tensor:
    """Normal weights with the samples' mean and covariance, (trials, count, D)."""
    mean = samples.mean(-2, keepdim=True)
    drawn: Tensor = stream.normal(len(samples), count, samples.shape[-2]) @ (samples - mean) / samples.shape[-2] ** 0.5
    return mean + drawn


def resampled(stream: Stream, samples: Tensor, count: int) -> Tensor:
    """Some of the samples, without replacement; all and some again where more are wanted; (trials, count, D)."""
    order = stream.uniform(*samples.shape[:2]).argsort(dim=-1)
    which = order[:, torch.arange(count, device=order.device) % samples.shape[1]]
    return samples.gather(1, which[..., None].expand(-1, -1, samples.shape[-1]))
