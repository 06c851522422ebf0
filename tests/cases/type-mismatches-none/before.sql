-- What applications do on purpose: numbers for dates, text in columns without a type that speaks of numbers, whole
-- numbers in columns of real ones, and foreign keys, whose parents decide.
-- Expected: nothing is found.
CREATE TABLE p (code TEXT PRIMARY KEY);
INSERT INTO p VALUES ('x1');
CREATE TABLE t (
  id INTEGER PRIMARY KEY, made DATETIME, changed TIMESTAMP, day NUMERIC, doc JSON, guid UUID, short CHAR(32), free, b BLOB,
  spot POINT, word STRING, ratio REAL, price DECIMAL, note TEXT, p INTEGER REFERENCES p (code)
);
INSERT INTO t VALUES (1, 1700000000, 1700000000, '2024-01-31', '{}', '6f9619ff8b86d011b42d00cf4fc964ff', 'x', 'y', 'z',
  x'0001', 'word', 1, 2, x'ff', 'x1');
INSERT INTO t VALUES (2, 2460340.5, 1700000000.25, 7, '[]', x'0123', 12, 1.5, 1, NULL, NULL, 1.5, 0.1, 'text', NULL);
