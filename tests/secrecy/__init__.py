"""Whether a secret can be found in anything that the product leaves behind, whatever happens to it."""
