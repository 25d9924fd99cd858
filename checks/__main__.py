"""`python -m checks` is `assay`."""

from checks._cli import main

if __name__ == "__main__":
    main()
