"""A simulated year: the real flow day by day, over a market, a mail server and requests that fail now and then."""
