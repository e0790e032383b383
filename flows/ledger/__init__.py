"""What is remembered: bars with their revisions, offsets, forecasts, mails, runs, requests."""
