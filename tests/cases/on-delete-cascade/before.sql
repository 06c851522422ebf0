-- ON DELETE CASCADE says what is to become of the children, also of those whose key may be NULL.
-- Expected: 1 orphan in each table; both rows are deleted (lines 11, notes 21), the sound ones stay.
CREATE TABLE orders (id INTEGER PRIMARY KEY);
CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE);
CREATE TABLE notes (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders (id) ON DELETE CASCADE, text TEXT);
INSERT INTO orders VALUES (1);
INSERT INTO lines VALUES (10, 1), (11, 2);
INSERT INTO notes VALUES (20, 1, 'kept'), (21, 3, 'goes'), (22, NULL, 'kept');
