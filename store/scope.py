"""What researchers of ketamine in mental health see unless they ask for more."""

from nlp.finding import Setting, Species

STUDIES_OF_PEOPLE = (Species.HUMAN, Species.MIXED)
PSYCHIATRIC = (Setting.PSYCHIATRIC,)
