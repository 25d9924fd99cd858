"""Neurons as particles of a measure: weighted measures, the objective on them, its flow, and noisy descent.

ρ = Σ_j p_j δ_(u_j, θ_j), f = α ∫ u h dρ (15), φ(ρ) (16), g(ρ, u, θ) (18): Fang, Dong, Zhang 2021, section V.
"""
