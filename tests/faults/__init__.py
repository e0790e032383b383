"""What goes wrong around a run: it is killed, doubled, locked out, short of space, cut off. Figures of the long forms are kept."""
