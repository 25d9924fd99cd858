"""Where a user's collections of claims are imported: the folder DIR/NAME as `lazy_assay.collections.NAME`.

Nothing lies here; `lazy_assay.collection(DIR)`, and `--collection DIR`, say which folders there are.
"""
