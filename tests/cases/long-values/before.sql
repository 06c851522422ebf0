-- Text that is longer than its column says, in characters.
-- Expected: hints, so that the exit code stays 0.
CREATE TABLE person (
  id INTEGER PRIMARY KEY, name VARCHAR(5), code CHAR ( 3 ), nick NVARCHAR(2), motto CHARACTER VARYING (4), note TEXT(3)
);
INSERT INTO person VALUES (1, 'Maria', 'abc', 'äö', 'four', 'abc'), (2, NULL, NULL, NULL, NULL, NULL);
INSERT INTO person VALUES (3, 'Marian', 'abcd', 'äöü', 'fives', 'abcd'), (4, 'Johannes', 123, 'ab ', '', x'0102030405');
