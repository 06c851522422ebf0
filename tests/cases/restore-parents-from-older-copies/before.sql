-- Customers and a country are gone; two older copies have them, the first of them not all. Since then customers got a
-- column with a DEFAULT, and another customer got the e-mail address of one who is gone.
-- options: --donor older-1.sql --donor older-2.sql
-- Expected: customer 2 comes back as the first copy has it, customer 3 from the second one, with its country, whose
-- continent is in neither and becomes NULL. Customer 4 stays away, and order 13 is held back. Order 14 goes, since no
-- copy knows its customer.
CREATE TABLE continent(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE country(code TEXT PRIMARY KEY, name TEXT, continent_id INTEGER REFERENCES continent(id)) WITHOUT ROWID;
CREATE TABLE customer(
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    country TEXT REFERENCES country(code),
    level TEXT NOT NULL DEFAULT 'new',
    short AS (substr(email, 1, 3))
);
CREATE TABLE orders(id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer(id) ON DELETE CASCADE);
INSERT INTO customer(id, email) VALUES (1, 'ann@example.org'), (9, 'dot@example.org');
INSERT INTO orders VALUES (10, 1), (11, 2), (12, 3), (13, 4), (14, 77);
