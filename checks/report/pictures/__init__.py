"""What the report draws: curves, budgets, discrepancies, effects."""
