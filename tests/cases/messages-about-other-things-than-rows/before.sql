-- Messages of SQLite about what exists already, about modules, text and the schema, behind the name of a Python error.
-- Expected: each is explained from the schema, or said not to be explained here; none is called strange to SQLite.
CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, nick TEXT, age INTEGER);
CREATE TABLE posts (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id),
  gone_id INTEGER REFERENCES gone (id)
);
CREATE VIEW v1 AS SELECT * FROM lost_table;
CREATE TRIGGER tr1 AFTER UPDATE ON posts BEGIN INSERT INTO lost_table VALUES (1); END;
CREATE VIEW v2 AS SELECT lost_col FROM users;
INSERT INTO users VALUES (1, 'a@x', 'n', 1), (2, 'b@x', 'n', 2);
INSERT INTO posts VALUES (1, 1, NULL), (2, 2, NULL);
