"""The index over a ledger's journals: a database that can be dropped and made again from them."""
