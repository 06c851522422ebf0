-- Numbers that refer to texts: the parent's TEXT affinity turns 7 into '7', which is not '007'.
-- Expected: 8 finds '8' and is sound. 7 would find '007' but for leading zeros and is held back; 9 is an orphan and
-- becomes NULL.
CREATE TABLE parents (code TEXT PRIMARY KEY);
CREATE TABLE children (id INTEGER PRIMARY KEY, code INTEGER REFERENCES parents (code));
INSERT INTO parents VALUES ('007'), ('8');
INSERT INTO children VALUES (1, 7), (2, 8), (3, 9);
