"""One file for each check whose findings a repair of the schema mends; each is found by the name of its check."""
