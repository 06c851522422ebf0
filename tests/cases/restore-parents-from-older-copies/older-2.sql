BEGIN TRANSACTION;
CREATE TABLE country(code TEXT, name TEXT, continent_id INTEGER);
INSERT INTO country VALUES('fr','France',5);
INSERT INTO country VALUES('de','Germany',5);
CREATE TABLE customer(id INTEGER PRIMARY KEY, country TEXT, email TEXT);
INSERT INTO customer VALUES(2,'de','bobby@example.org');
INSERT INTO customer VALUES(3,'fr','cid@example.org');
INSERT INTO customer VALUES(4,'de','dot@example.org');
COMMIT;
