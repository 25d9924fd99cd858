"""Where tasks run: pytest with its workers."""
