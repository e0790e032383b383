"""What is true: prices, sessions, forecasts and their scores. No Prefect, no I/O, no clock, no environment."""
