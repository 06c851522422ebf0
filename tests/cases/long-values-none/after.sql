-- "t": 1 rows
INSERT INTO t (a, b, c, d, e, f, g, h, i, j) VALUES ('äöü', 'abcd', x'0102030405', 'long text', 'long text', 'long text', x'010203', 12345, 123.456, 'x');
