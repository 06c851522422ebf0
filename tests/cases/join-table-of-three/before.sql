-- Three keys: a supply has a supplier, a part and a project. That is no join table of two, but rows of a CASCADE.
-- Expected: no join table; supply 2 is deleted (the project is gone, CASCADE), supply 3 is emptied (part, no action).
CREATE TABLE suppliers (id INTEGER PRIMARY KEY);
CREATE TABLE parts (id INTEGER PRIMARY KEY);
CREATE TABLE projects (id INTEGER PRIMARY KEY);
CREATE TABLE supplies (
  id INTEGER PRIMARY KEY, supplier_id INTEGER REFERENCES suppliers (id), part_id INTEGER REFERENCES parts (id),
  project_id INTEGER REFERENCES projects (id) ON DELETE CASCADE, UNIQUE (supplier_id, part_id, project_id)
);
INSERT INTO suppliers VALUES (1);
INSERT INTO parts VALUES (1);
INSERT INTO projects VALUES (1);
INSERT INTO supplies VALUES (1, 1, 1, 1), (2, 1, 1, 9), (3, 1, 9, 1);
