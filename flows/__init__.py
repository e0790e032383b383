"""What happens: the flows of nextclose and everything that they are made of."""
