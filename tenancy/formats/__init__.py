"""How dates and times are written in each language, by the names that `tenancy.ui` knows."""
