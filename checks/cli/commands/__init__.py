"""One file a command: its `command` is found by walking this folder."""
