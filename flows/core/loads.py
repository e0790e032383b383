"""Dividing many bars into as many as a broker can hold at a time."""

from collections.abc import Mapping

from flows.core.cleaning import Cleaned


def loads(cleaned: Mapping[str, Cleaned], size: int) -> list[dict[str, Cleaned]]:
    """Divide symbols' bars into loads of about `size` bars; a symbol with more is spread over several, in its order."""
    divided: list[dict[str, Cleaned]] = [{}]
    held = 0
    for symbol, found in cleaned.items():
        for piece in found.pieces(size):
            if divided[-1] and (symbol in divided[-1] or held + len(piece.series) > size):
                divided.append({})
                held = 0
            divided[-1][symbol] = piece
            held += len(piece.series)
    return divided
