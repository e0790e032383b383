"""The models: one suite over all of them, and what is particular to each."""
