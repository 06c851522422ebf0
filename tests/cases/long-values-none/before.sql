-- Exactly as long as declared, counted in characters and not in bytes; BLOBs; types without a length of text.
-- Expected: nothing is found.
CREATE TABLE t (
  a VARCHAR(3), b CHAR(4), c VARCHAR(3), d VARCHAR, e NVARCHAR, f TEXT, g BLOB(2), h INTEGER(2), i DECIMAL(2, 1),
  j VARCHAR(0)
);
INSERT INTO t VALUES ('äöü', 'abcd', x'0102030405', 'long text', 'long text', 'long text', x'010203', 12345, 123.456, 'x');
