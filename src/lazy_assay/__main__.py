"""`python -m lazy_assay` is `assay`."""

from lazy_assay.checks._cli import main

if __name__ == "__main__":
    main()
