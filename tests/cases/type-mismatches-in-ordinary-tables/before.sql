-- Values that are not what the declared type says, in tables that take anything.
-- Expected: the texts and the BLOB in columns of numbers, what is no truth value, and as a hint the fraction.
CREATE TABLE item (
  id INTEGER PRIMARY KEY, stock INTEGER, weight DOUBLE PRECISION, price DECIMAL(10, 2), sold BOOLEAN, size BIGINT UNSIGNED
);
INSERT INTO item VALUES (1, 5, 1.5, '12.50', 1, 7), (2, NULL, NULL, NULL, NULL, NULL), (3, ' 7 ', 2, 3, 0, 2.0);
INSERT INTO item VALUES (4, 'n/a', 'heavy', '12,50', 'true', 2.5), (5, '', x'01', 1e300, 'f', 8), (6, 1, 1, 1, 2, 'x');
