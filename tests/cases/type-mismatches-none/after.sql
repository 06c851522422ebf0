-- "p": 1 rows
INSERT INTO p (code) VALUES ('x1');
-- "t": 2 rows
INSERT INTO t (id, made, changed, day, doc, guid, short, free, b, spot, word, ratio, price, note, p) VALUES (1, 1700000000, 1700000000, '2024-01-31', '{}', '6f9619ff8b86d011b42d00cf4fc964ff', 'x', 'y', 'z', x'0001', 'word', 1.0, 2, x'ff', 'x1');
INSERT INTO t (id, made, changed, day, doc, guid, short, free, b, spot, word, ratio, price, note, p) VALUES (2, 2460340.5, 1700000000.25, 7, '[]', x'0123', '12', 1.5, 1, NULL, NULL, 1.5, 0.1, 'text', NULL);
