-- Two deferred keys, each table needs the other, and a third table hangs on them.
-- Expected: 1 orphan, b 2. Its a stays without it (NULL, a consequence), and tag 2, which hangs on b 2, is deleted.
CREATE TABLE a (id INTEGER PRIMARY KEY, b_id INTEGER REFERENCES b (id) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER NOT NULL REFERENCES a (id) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE tags (id INTEGER PRIMARY KEY, b_id INTEGER NOT NULL REFERENCES b (id) DEFERRABLE INITIALLY DEFERRED);
INSERT INTO a VALUES (1, 1), (2, 2);
INSERT INTO b VALUES (1, 1), (2, 9);
INSERT INTO tags VALUES (1, 1), (2, 2);
