"""How far weights move while labels are fitted."""
