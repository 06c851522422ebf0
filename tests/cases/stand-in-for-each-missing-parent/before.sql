-- Deleted customers are to come back as rows that say what they are: one for each missing key, whatever the table
-- demands of its columns, with one more row above them where a customer has to have a region.
-- options: --on-orphan stand-in
-- Expected: customers 5, 6 and 8 are made, and one region for each step that needs one, with a number that nobody uses:
-- the outlet whose region 3 is gone gets its own stand-in and not by accident that of the customers. '08 ' is relinked
-- to nothing and gets none where it matches several; 'abc' cannot be a key; 0 is a placeholder and left.
CREATE TABLE region (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE customers (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, email VARCHAR(30) NOT NULL UNIQUE, code VARCHAR(3) NOT NULL UNIQUE,
  status TEXT NOT NULL CHECK (status IN ('active', 'gone')), region_id INTEGER NOT NULL REFERENCES region (id),
  boss INTEGER REFERENCES customers (id), created DATETIME NOT NULL, score INT NOT NULL DEFAULT 7, note TEXT
);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TABLE notes (id INTEGER PRIMARY KEY, customer_id TEXT REFERENCES customers (id));
CREATE TABLE outlets (id INTEGER PRIMARY KEY, region_id INTEGER REFERENCES region (id));
INSERT INTO region VALUES (1, 'north'), (2, 'south');
INSERT INTO customers VALUES (1, 'Ann', 'ann@example.org', 'A', 'gone', 1, NULL, '2024-05-05T10:11:12Z', 1, 'x');
INSERT INTO orders VALUES (1, 1), (2, 5), (3, 5), (4, 6), (5, 0);
INSERT INTO notes VALUES (1, '1'), (2, '5'), (3, '8'), (4, 'abc'), (5, NULL), (6, ' "1"');
INSERT INTO outlets VALUES (1, 2), (2, 3);
