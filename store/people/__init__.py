"""Who may do what: people, their log-ins and tokens, and the rights that each role has."""
