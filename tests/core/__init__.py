"""What is true of prices, sessions, forecasts and their scores."""
