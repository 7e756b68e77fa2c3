"""A newsroom: it reads feeds, stores their articles, serves them, and tells subscribers what is new."""
