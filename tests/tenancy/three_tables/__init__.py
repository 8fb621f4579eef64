"""An app of three small tenant tables, to try what keeps all others: keys, foreign keys, policies, migrations."""
