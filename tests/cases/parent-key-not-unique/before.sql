-- All the ways in which SQLite finds no unique key to look a parent up by; and one index of the right kind.
-- Expected: parent-key-not-unique for none, plain_index, partial, expression, other_collation, of_view and no_pk; their
-- rows are not checked. The last relationship, sound, is checked: 1 orphan, which becomes NULL.
CREATE TABLE p (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT, d TEXT, e TEXT, f TEXT);
CREATE INDEX p_b ON p (b);
CREATE UNIQUE INDEX p_c ON p (c) WHERE c <> '';
CREATE UNIQUE INDEX p_d ON p (lower(d));
CREATE UNIQUE INDEX p_e ON p (e COLLATE NOCASE);
CREATE UNIQUE INDEX p_f ON p (f);
CREATE VIEW v AS SELECT id FROM p;
CREATE TABLE heap (id INTEGER);
CREATE TABLE none (x TEXT REFERENCES p (a));
CREATE TABLE plain_index (x TEXT REFERENCES p (b));
CREATE TABLE partial (x TEXT REFERENCES p (c));
CREATE TABLE expression (x TEXT REFERENCES p (d));
CREATE TABLE other_collation (x TEXT REFERENCES p (e));
CREATE TABLE of_view (x INTEGER REFERENCES v (id));
CREATE TABLE no_pk (x INTEGER REFERENCES heap);
CREATE TABLE sound (x TEXT REFERENCES p (f));
INSERT INTO p VALUES (1, 'a', 'b', 'c', 'd', 'e', 'f');
INSERT INTO none VALUES ('zz');
INSERT INTO plain_index VALUES ('zz');
INSERT INTO partial VALUES ('zz');
INSERT INTO expression VALUES ('zz');
INSERT INTO other_collation VALUES ('zz');
INSERT INTO of_view VALUES (99);
INSERT INTO no_pk VALUES (99);
INSERT INTO sound VALUES ('f'), ('zz');
