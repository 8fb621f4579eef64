"""Acts on many conversations at once, with one undo for all of them."""
