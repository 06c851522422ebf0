-- Migration tools build a table anew under a name of their own; the message names that table, and the rows that it
-- concerns stand in the real one.
-- Expected: the rows of the real table are named, whichever tool it was.
CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);
INSERT INTO users VALUES (1, NULL), (2, 'a'), (3, 'a');
