-- The user knows where the orphans belong: a number for one key, a text with a quote and a comma for another, two values
-- for a composite one.
-- options: --set orders.customer_id=update:2 --set "notes.name=update:'O''Hara, Ann'" --set "seats.s,n=update:x,1"
-- Expected: order 2 goes to customer 2, note 2 to O'Hara, seat 2 to (x, 1). Nothing is deleted.
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE places (s TEXT, n INTEGER, PRIMARY KEY (s, n));
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TABLE notes (id INTEGER PRIMARY KEY, name TEXT REFERENCES customers (name));
CREATE TABLE seats (
  id INTEGER PRIMARY KEY, s TEXT NOT NULL, n INTEGER NOT NULL, FOREIGN KEY (s, n) REFERENCES places (s, n)
);
INSERT INTO customers VALUES (1, 'Ben'), (2, 'O''Hara, Ann');
INSERT INTO places VALUES ('x', 1), ('y', 1);
INSERT INTO orders VALUES (1, 1), (2, 9);
INSERT INTO notes VALUES (1, 'Ben'), (2, 'gone');
INSERT INTO seats VALUES (1, 'y', 1), (2, 'y', 2);
