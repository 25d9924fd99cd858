"""The words of a confrontation: checks, spaces, profiles, results, statuses, and what a task is run with."""
