"""Section 7.2: what the observations on the paper's experiments have in common."""

CONVENTION = (
    "Mini-batches of 64, momentum 0.9, weight decay 10⁻⁵, learning rate 0.01 in both phases, T = 100 epochs, "
    "τ = 0.6 T, δ = 0.001, softplus with ζ = 100, a last hidden layer of ⌈1.1 n⌉ units, as the paper has them, unless "
    "a configuration says otherwise. Base and two-phase runs share their first phase draw by draw. The second phase "
    "trains on features with the batch statistics of the whole training set, kept, as the theory has them; the base "
    "goes on with those of its mini-batches. Both are measured with those of the whole set. scikit-learn's digits and "
    "small networks stand for the paper's data and its 18 layers; 18 layers and MNIST-5k run in the profile nightly."
)
