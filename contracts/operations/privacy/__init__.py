"""Personal data: which fields hold them, how a person's are erased, and how a person is given theirs."""
