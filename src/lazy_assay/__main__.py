"""`python -m lazy_assay` is `assay`."""

from lazy_assay.checks.cli.main import main

if __name__ == "__main__":
    main()
