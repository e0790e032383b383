"""Speed, measured side by side with the alternatives; run by `make bench`."""
