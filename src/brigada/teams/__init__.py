"""Teams: a car and one to four workers for one shift."""
