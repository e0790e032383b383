"""How the ledger's tables came to be, step by step; run by themselves when a ledger is opened."""
