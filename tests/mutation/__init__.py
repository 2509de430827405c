"""How much the tests notice: small changes are made to the engine, one at a time, and the suite must fail on each."""
