"""What every part of checks speaks of: plain data, and the ways in which it is shown."""
