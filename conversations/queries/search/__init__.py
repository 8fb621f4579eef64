"""Search: what people ask becomes conditions (`asked`, `terms`), those find rows (`found`), which say why
(`excerpts`)."""
