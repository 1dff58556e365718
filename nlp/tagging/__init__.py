"""The tagger: a small transformer that reads a whole abstract and says of each word piece what it is part of."""
