"""A storm over a whole installation: real servers and processes, known traffic, faults, and a ledger at the end.

`python -m tests.faults.storm` blows one; plan.py says what sizes it.
"""
