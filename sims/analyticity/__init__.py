"""Whether a module's output is real analytic in its parameters, the data fixed: a decision for any `torch.nn.Module`.

    from lazy_assay.sims.analyticity import analyticity
    print(analyticity(module, example_input))

The module is exported (`torch.export`, operators not decomposed) and walked operator by operator: `_operators` holds
the one table of operators, each with its reason; `_walk` carries what depends on parameters, and in which range it
lies. An argument that the operator's row does not speak of refuses the call, and so does a constant that may be
infinite or NaN. What is certified is confirmed at last: at other parameters the graph and the module must agree
(`_agreement`). The decision is about the formula in exact arithmetic, branches that torch's kernels take and numbers as
they round to the result's precision included, and it is one-sided: *not certified* does not mean *not analytic*.
"""

from __future__ import annotations

from typing import Any

from lazy_assay.sims.analyticity._decision import Analyticity, Decision, Finding

__all__ = ["Analyticity", "Decision", "Finding", "analyticity"]


def analyticity(module: Any, example_input: Any, /, **keywords: Any) -> Analyticity:
    """Decide about `module` at `example_input`, a tensor or a tuple of tensors; `keywords` are passed to `forward`.

    Every `torch.nn.Parameter` counts as a parameter, frozen ones too, however it is reached: whatever lies in its
    memory does, and so does a tensor of the module's own that asks for gradients. Inputs and other buffers are
    constants, with the values that they have. The module runs, at other parameters too; all are left as they were.
    Never raises for a module or data that cannot be decided: the answer is then `NO_VERDICT`, and says why.
    """
    from lazy_assay.sims.analyticity._export import decide

    return decide(module, example_input, keywords)
