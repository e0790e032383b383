"""Where bars come from: a real loopback server answers."""
