-- SQLite takes any words for a type, and so swallows what was to be promised.
-- Expected: suspicious-declarations, one warning each for five columns of orders and the key of stock; "id", "sent",
-- "note" and "plain" are in order. A repair has nothing to do with it; exit code 1.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY,
  customer_id INTEGER REFERENCE customers,
  code TEXT UNIQE,
  amount INTEGER NON NULL,
  state INTEGER DEFUALT (0),
  number INTEGER AUTO_INCREMENT,
  sent DATETIME NULL,
  note VARCHAR(20) NOT NULL DEFAULT '',
  plain
);
CREATE TABLE stock (item INTEGER PRIMARYKEY, place TEXT);
INSERT INTO orders (id, customer_id) VALUES (1, 5);
